/*
 * bot.h - what every part may reach: the services of the one process. Filled by main.c.
 */
#ifndef BOT_BOT_H
#define BOT_BOT_H

#include <stdint.h>

struct aws;
struct budget;
struct chat;
struct config;
struct conversations;
struct flow_engine;
struct http_client;
struct incidents;
struct jira;
struct journal;
struct loop;
struct prometheus;
struct schedules;
struct seen;
struct silences;
struct storm;
struct worker;

struct bot {
	struct loop *loop;
	struct journal *journal;
	struct flow_engine *flows;
	struct http_client *http;
	struct chat *chat;
	struct aws *aws;
	struct budget *budget;       /* of the model */
	struct jira *jira;           /* NULL: not configured */
	struct prometheus *prometheus;
	struct worker *worker;       /* statistics and drawing */
	struct schedules *schedules; /* what is due by cron lines */
	struct seen *seen;
	struct incidents *incidents;
	struct silences *silences;   /* NULL: there are none (tests) */
	struct conversations *conversations; /* what threads remember */
	struct storm *storm;         /* whose turn it is in each channel; NULL: everybody's (tests) */
	const struct config *config; /* replaced whole on reload: never kept across callbacks */
	int64_t started_ms;          /* wall clock */
};

#endif
