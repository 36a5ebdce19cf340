/* import_write.c - the lines as YAML. Every text is in quotes, so that no name can be anything but a text. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/utf8.h"
#include "commands/import_private.h"

#define OUT_MAX ((size_t)1 << 20)
#define NAME_LENGTH 40 /* of a dashboard here */
#define COMMENT_UNITS 250

/* --- texts --- */

/* What YAML takes for a line break or does not take at all, outside of ASCII. */
static bool is_odd(uint32_t c)
{
	return (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

static void add_character(struct str *out, const char **text, bool value)
{
	const char *at = *text;
	uint32_t c = utf8_next(text);

	if (value && c == '$' && at[1] == '{')
		str_add(out, "$$"); /* else it would be an environment variable's */
	else if (c == '"' || c == '\\')
		str_addf(out, "\\%c", (int)c);
	else if (c == '\n')
		str_add(out, "\\n");
	else if (c == '\t')
		str_add(out, "\\t");
	else if (c < ' ' || is_odd(c))
		str_addf(out, "\\u%04x", (unsigned)c);
	else
		utf8_add(out, c);
}

static void add_quoted(struct str *out, const char *text, bool value)
{
	str_add_char(out, '"');
	while (*text != '\0')
		add_character(out, &text, value);
	str_add_char(out, '"');
}

static void add_comment(struct str *out, const char *text)
{
	char *clean = utf8_clean(text, true), *shown = utf8_shorten(clean, COMMENT_UNITS);
	const char *at = shown;

	str_add(out, "# ");
	while (*at != '\0') {
		uint32_t c = utf8_next(&at);

		utf8_add(out, c < ' ' || is_odd(c) ? ' ' : c);
	}
	free(shown);
	free(clean);
}

static void add_text(struct str *out, const char *indent, const char *key, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	str_addf(out, "%s%s: ", indent, key);
	add_quoted(out, text, true);
	str_add_char(out, '\n');
}

/* --- lines --- */

static void add_number(struct str *out, double value)
{
	char digits[40];

	(void)snprintf(digits, sizeof(digits), "%.15g", value);
	if (strtod(digits, NULL) != value)
		(void)snprintf(digits, sizeof(digits), "%.17g", value);
	str_add(out, digits);
}

static void add_normal(struct str *out, const struct import_line *line)
{
	const struct metric *m = &line->metric;

	if (isnan(m->normal_below) && isnan(m->normal_above))
		return;
	str_add(out, "        normal: { ");
	if (!isnan(m->normal_below)) {
		str_add(out, "below: ");
		add_number(out, m->normal_below);
	}
	if (!isnan(m->normal_above)) {
		str_add(out, isnan(m->normal_below) ? "above: " : ", above: ");
		add_number(out, m->normal_above);
	}
	str_add(out, " } ");
	add_comment(out, line->limits_from);
	str_add_char(out, '\n');
}

static bool add_dimension(void *arg, const char *name, struct json_object *value)
{
	struct str *out = arg;

	str_add(out, "          ");
	add_quoted(out, name, false);
	str_add(out, ": ");
	add_quoted(out, json_string(value, ""), true);
	str_add_char(out, '\n');
	return true;
}

static void add_period(struct str *out, int64_t ms)
{
	int64_t seconds = ms / 1000;

	if (seconds % 60 == 0)
		str_addf(out, "        period: %lldm\n", (long long)(seconds / 60));
	else
		str_addf(out, "        period: %llds\n", (long long)seconds);
}

static void add_logs(struct str *out, const struct metric *metric)
{
	str_add(out, "        source: logs\n        log_groups:\n");
	for (size_t i = 0; i < metric->log_groups.count; i++) {
		str_add(out, "          - ");
		add_quoted(out, metric->log_groups.items[i], true);
		str_add_char(out, '\n');
	}
	add_text(out, "        ", "query", metric->query);
}

static void add_line(struct str *out, const struct import_line *line)
{
	static const char indent[] = "        ";
	const struct metric *m = &line->metric;

	str_addf(out, "      - id: \"%s\"\n", m->id);
	add_text(out, indent, "title", m->title);
	if (m->query != NULL)
		add_logs(out, m);
	add_text(out, indent, "expression", m->expression);
	add_text(out, indent, "namespace", m->namespace_);
	add_text(out, indent, "metric", m->metric);
	if (m->dimensions != NULL) {
		str_addf(out, "%sdimensions:\n", indent);
		json_each(m->dimensions, add_dimension, out);
	}
	add_text(out, indent, "stat", m->stat);
	add_period(out, m->period_ms);
	add_text(out, indent, "account", m->account);
	add_text(out, indent, "region", m->region);
	if (m->anomaly_band > 0) {
		str_addf(out, "%sanomaly_band: ", indent);
		add_number(out, m->anomaly_band);
		str_add_char(out, '\n');
	}
	if (m->hidden)
		str_addf(out, "%shidden: true\n", indent);
	else
		add_normal(out, line);
}

/* --- the whole --- */

/* CloudWatch's names have up to 255 letters, digits, '-' and '_'. */
static void add_name(struct str *out, const char *name)
{
	size_t length = 0;

	str_add(out, "  - name: \"");
	if (!isalpha((unsigned char)name[0])) {
		str_add(out, "d-");
		length = 2;
	}
	for (; *name != '\0' && length < NAME_LENGTH; name++, length++)
		str_add_char(out, isalnum((unsigned char)*name) || *name == '-' ? *name : '_');
	str_add(out, "\"\n");
}

static void add_alarms(struct str *out, const struct import *import)
{
	if (import->alarm_count == 0)
		return;
	str_add(out, "    alarms:\n");
	for (size_t i = 0; i < import->alarm_count; i++) {
		str_add(out, "      - ");
		add_quoted(out, import->alarms[i], true);
		str_add_char(out, '\n');
	}
	str_add(out, "    alarms_from:\n");
	add_text(out, "      ", "account", import->alarms_account);
	add_text(out, "      ", "region", import->alarms_region);
}

static size_t count_taken(const struct import *import)
{
	size_t count = 0;

	for (size_t i = 0; i < import->count; i++)
		count += import->lines[i].state == IMPORT_TAKEN;
	return count;
}

static void add_head(struct import *import, struct str *out)
{
	size_t lines = count_taken(import);

	add_comment(out, mem_printf(&import->mem, "CloudWatch's dashboard %s: %zu metric%s, %zu alarm%s.",
	                            import_shown(import, import->source->name, NAME_LENGTH), lines,
	                            lines == 1 ? "" : "s", import->alarm_count, import->alarm_count == 1 ? "" : "s"));
	str_add(out, "\n# Where the configuration has dashboards already, add this to them, without the next line.\n"
	             "dashboards:\n");
	add_name(out, import->source->name);
	if (lines > 0)
		str_add(out, "    metrics:\n");
}

char *import_write(struct import *import)
{
	struct str out;

	str_init(&out, OUT_MAX);
	add_head(import, &out);
	for (size_t i = 0; i < import->count; i++)
		if (import->lines[i].state == IMPORT_TAKEN)
			add_line(&out, &import->lines[i]);
	add_alarms(&out, import);
	for (size_t i = 0; i < import->note_count; i++) {
		add_comment(&out, mem_printf(&import->mem, "left out: %s", import->notes[i]));
		str_add_char(&out, '\n');
	}
	if (import->hidden_notes > 0)
		str_addf(&out, "# left out: %zu more\n", import->hidden_notes);
	return str_take(&out);
}
