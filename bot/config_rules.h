/*
 * config_rules.h - what no key can tell alone: keys that need or exclude one another.
 *
 * Each is called for a map whose members are good so far, with the place entered already.
 */
#ifndef BOT_CONFIG_RULES_H
#define BOT_CONFIG_RULES_H

struct config_node;
struct config_problems;

#define CONFIG_RULE(name) \
	void name(struct config_problems *problems, const struct config_node *map, \
	          const struct config_node *root)

CONFIG_RULE(config_rule_account);    /* the role is of that account */
CONFIG_RULE(config_rule_bedrock);    /* a ceiling needs the model's price */
CONFIG_RULE(config_rule_trigger);    /* a metric or an alarm */
CONFIG_RULE(config_rule_runbook);    /* commands, a free name, {{NAME}} and arguments that fit */
CONFIG_RULE(config_rule_summary);    /* something must be due at some time */

/* config_rules_metrics.c */
CONFIG_RULE(config_rule_prometheus); /* "cloudwatch" is taken; one way to log in, and not in the open */
CONFIG_RULE(config_rule_dashboard);  /* metrics, or a table of them; formulas that can be computed */
CONFIG_RULE(config_rule_metric);     /* what its source needs, and nothing else */
CONFIG_RULE(config_rule_normal);     /* a range that holds something */

#endif
