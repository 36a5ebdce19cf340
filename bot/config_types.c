/* config_types.c - the plain types: text, numbers, words, durations, files, times. */
#include "bot/config_types.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <strings.h>

#include "bot/config.h"
#include "bot/config_schema.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/cron.h"
#include "bot/mem.h"
#include "bot/metric_math.h"
#include "bot/str.h"
#include "bot/zone.h"

#define LINE_MAX_LENGTH 2048
#define PROMPT_MAX (32u << 10)
#define CRON_LINE_MAX 300 /* it is a part of schedules' names, see commands/summary_schedule.c */

bool config_refuse(const struct config_check *c, const char *what)
{
	char shown[CONFIG_SHOWN_SIZE];

	return err_set(c->err, ERR_USAGE, "%s %s", config_value_shown(c->node, shown), what);
}

static bool check_string(const struct config_check *c)
{
	for (const char *t = c->node->text; *t != '\0'; t++)
		if (iscntrl((unsigned char)*t))
			return config_refuse(c, "holds a line break or another control character; "
			              "write it on one line");
	if (strlen(c->node->text) > LINE_MAX_LENGTH)
		return err_set(c->err, ERR_USAGE, "is longer than %d bytes; shorten it", LINE_MAX_LENGTH);
	return true;
}

static bool check_text(const struct config_check *c)
{
	for (const char *t = c->node->text; *t != '\0'; t++)
		if (iscntrl((unsigned char)*t) && strchr("\n\t", *t) == NULL)
			return config_refuse(c, "holds a control character; remove it");
	return true;
}

static bool check_word(const struct config_check *c)
{
	struct str known;

	for (size_t i = 0; c->key->words[i] != NULL; i++)
		if (strcmp(c->node->text, c->key->words[i]) == 0)
			return true;
	str_init(&known, 200);
	for (size_t i = 0; c->key->words[i] != NULL; i++)
		str_addf(&known, "%s%s", i == 0 ? "" : ", ", c->key->words[i]);
	char shown[CONFIG_SHOWN_SIZE];
	err_set(c->err, ERR_USAGE, "%s is not one of the known words; use one of: %s",
	        config_value_shown(c->node, shown), known.text);
	str_free(&known);
	return false;
}

static bool check_boolean(const struct config_check *c)
{
	static const char *const yes[] = { "yes", "on", "y", "true", "1", NULL };

	if (strcmp(c->node->text, "true") == 0 || strcmp(c->node->text, "false") == 0)
		return true;
	for (size_t i = 0; yes[i] != NULL; i++)
		if (strcasecmp(c->node->text, yes[i]) == 0)
			return config_refuse(c, "is not a boolean here; write true");
	if (strcasecmp(c->node->text, "no") == 0 || strcasecmp(c->node->text, "off") == 0)
		return config_refuse(c, "is not a boolean here; write false");
	return config_refuse(c, "is not a boolean; write true or false");
}

static bool out_of_range(const struct config_check *c)
{
	char shown[CONFIG_SHOWN_SIZE];

	return err_set(c->err, ERR_USAGE, "%s is out of range; use %lld to %lld",
	               config_value_shown(c->node, shown), (long long)c->key->least,
	               (long long)c->key->most);
}

static bool check_integer(const struct config_check *c)
{
	const char *digits = c->node->text + (c->node->text[0] == '-');
	long long value;

	if (strspn(digits, "0123456789") != strlen(digits) || digits[0] == '\0')
		return config_refuse(c, "is not a whole number; write one like 2");
	errno = 0;
	value = strtoll(c->node->text, NULL, 10);
	if (errno != 0 || value < c->key->least || value > c->key->most)
		return out_of_range(c);
	return true;
}

static bool check_number(const struct config_check *c)
{
	char *end;
	double value;

	if (strspn(c->node->text, "0123456789.eE+-") != strlen(c->node->text))
		return config_refuse(c, "is not a number; write one like 0.5");
	value = strtod(c->node->text, &end);
	if (*end != '\0' || !isfinite(value))
		return config_refuse(c, "is not a number; write one like 0.5");
	bool limited = c->key->least < c->key->most;
	if (limited && (value < (double)c->key->least || value > (double)c->key->most))
		return out_of_range(c);
	return true;
}

/* How wide a band is, or only that there is one. */
static bool check_band(const struct config_check *c)
{
	char width[16];

	(void)snprintf(width, sizeof(width), "%d", METRIC_MATH_BAND_WIDTH);
	if (strcmp(c->node->text, "true") == 0)
		mem_set_string(&c->node->text, width);
	else if (strcmp(c->node->text, "false") == 0)
		mem_set_string(&c->node->text, "0");
	else if (isalpha((unsigned char)c->node->text[0]))
		return config_refuse(c, "is neither true nor a number; write true, or how many standard deviations "
		                     "wide, as 2");
	else if (!check_number(c))
		return false;
	else if (strtod(c->node->text, NULL) <= 0)
		return config_refuse(c, "is no width; write a number above 0, as 2, or false");
	return true;
}

bool config_parse_duration(const char *text, int64_t *ms)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits] == '\0' || text[digits + 1] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit != text[digits])
			continue;
		*ms = (int64_t)strtoll(text, NULL, 10) * units[i].ms;
		return true;
	}
	return false;
}

/* A limit as one would write it: 14d, 90s. */
static const char *duration_text(int64_t ms, char out[24])
{
	int64_t seconds = ms / 1000, size = 1;
	char unit = 's';

	if (seconds >= 86400 && seconds % 86400 == 0) {
		unit = 'd';
		size = 86400;
	} else if (seconds >= 3600 && seconds % 3600 == 0) {
		unit = 'h';
		size = 3600;
	} else if (seconds >= 60 && seconds % 60 == 0) {
		unit = 'm';
		size = 60;
	}
	(void)snprintf(out, 24, "%lld%c", (long long)(seconds / size), unit);
	return out;
}

static bool check_duration(const struct config_check *c)
{
	char shown[CONFIG_SHOWN_SIZE], least[24], most[24];
	int64_t ms;

	if (c->node->text[0] != '\0' && strspn(c->node->text, "0123456789") == strlen(c->node->text))
		return config_refuse(c, "has no unit; add s, m, h or d, as in 30s or 5m");
	if (!config_parse_duration(c->node->text, &ms))
		return config_refuse(c, "is not a duration; write a whole number and one unit: "
		              "30s, 5m, 1h or 14d");
	if (ms < c->key->least || ms > c->key->most)
		return err_set(c->err, ERR_USAGE, "%s is out of range; use %s to %s",
		               config_value_shown(c->node, shown), duration_text(c->key->least, least),
		               duration_text(c->key->most, most));
	return true;
}

bool config_parse_size(const char *text, int64_t *bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 6)
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i]) != 0)
			continue;
		*bytes = (int64_t)strtoll(text, NULL, 10) << (10 * (i + 1));
		return true;
	}
	return false;
}

/* A limit as one would write it: 64KiB, 1TiB. */
static const char *size_text(int64_t bytes, char out[24])
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	for (bytes >>= 10; bytes >= 1024 && bytes % 1024 == 0 && units[unit + 1] != '\0'; unit++)
		bytes >>= 10;
	(void)snprintf(out, 24, "%lld%ciB", (long long)bytes, units[unit]);
	return out;
}

static bool check_size(const struct config_check *c)
{
	char shown[CONFIG_SHOWN_SIZE], least[24], most[24];
	int64_t bytes;

	if (!config_parse_size(c->node->text, &bytes))
		return config_refuse(c, "is not a size; write a whole number and one unit: "
		                     "64KiB, 100MiB, 1GiB or 1TiB");
	if (bytes < c->key->least || bytes > c->key->most)
		return err_set(c->err, ERR_USAGE, "%s is out of range; use %s to %s",
		               config_value_shown(c->node, shown), size_text(c->key->least, least),
		               size_text(c->key->most, most));
	return true;
}

static bool check_secret(const struct config_check *c)
{
	if (!config_value_from_file(c->node, c->source, c->err))
		return false;
	c->node->foreign = true; /* a secret is never shown, wherever it stood */
	if (c->node->text[0] == '\0')
		return err_set(c->err, ERR_USAGE, "the file is empty; put the secret into it");
	for (const char *t = c->node->text; *t != '\0'; t++)
		if ((unsigned char)*t <= ' ' || (unsigned char)*t >= 0x7f)
			return err_set(c->err, ERR_USAGE, "holds a space, a line break or a character that is not "
			               "ASCII; copy the secret again, without anything around it");
	if (strlen(c->node->text) > LINE_MAX_LENGTH)
		return err_set(c->err, ERR_USAGE, "is longer than %d bytes; that is no token", LINE_MAX_LENGTH);
	return true;
}

static bool check_path(const struct config_check *c)
{
	if (!check_string(c))
		return false;
	config_value_absolute(c->node, c->source);
	return true;
}

static bool check_file(const struct config_check *c)
{
	if (!check_path(c))
		return false;
	if (config_value_is_readable(c->node->text, c->source))
		return true;
	return err_set(c->err, ERR_USAGE, "file %.160s is missing or cannot be read; correct the path or "
	               "the file's rights", c->node->foreign ? "named here" : c->node->text);
}

/* Its text is what counts: it is read now, so that a reload that fails keeps the old one. */
static bool check_prompt(const struct config_check *c)
{
	struct err why;
	size_t length;
	char *text;

	if (!check_path(c))
		return false;
	if (c->source->sealed)
		return true;
	const char *path = c->node->foreign ? "named here" : c->node->text;
	text = config_read_file(c->node->text, PROMPT_MAX, true, &length, &why);
	if (text == NULL)
		return err_set(c->err, ERR_USAGE, "file %.160s %s; %s", path, why.text,
		               why.kind == ERR_USAGE ? "shorten it" : "correct the path or the file's rights");
	if (length == 0 || strlen(text) != length || !str_utf8_valid(text, length)) {
		err_set(c->err, ERR_USAGE, "file %.160s is %s; write the instructions into it as plain text (UTF-8)",
		        path, length == 0 ? "empty" : "not UTF-8");
		free(text);
		return false;
	}
	free(c->node->text);
	c->node->text = text;
	c->node->foreign = true;
	return true;
}

static bool check_name(const struct config_check *c)
{
	size_t length = strlen(c->node->text);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)c->node->text[i]) && strchr("-_", c->node->text[i]) == NULL)
			length = 0;
	if (length == 0 || length > 40 || !isalpha((unsigned char)c->node->text[0]))
		return config_refuse(c, "cannot be a name; use at most 40 letters, digits, '-' and '_', "
		              "a letter first");
	return true;
}

static bool check_cron(const struct config_check *c)
{
	struct cron cron;
	struct err err;

	if (strlen(c->node->text) > CRON_LINE_MAX)
		return err_set(c->err, ERR_USAGE, "is longer than %d bytes; use ranges (1-5) and steps (*/5)",
		               CRON_LINE_MAX);
	return cron_parse(c->node->text, &cron, &err) || config_refuse(c, err.text);
}

static bool check_timezone(const struct config_check *c)
{
	struct zone *zone;
	struct err err;

	if (c->source->sealed && zone_name_is_valid(c->node->text))
		return true;
	zone = zone_load(c->node->text, &err);
	if (zone == NULL)
		return config_refuse(c, "is not a time zone of the IANA database; write one like "
		                     "Asia/Tokyo, Europe/Berlin or UTC");
	zone_free(zone);
	return true;
}

const struct config_type config_string = { "string", check_string, CONFIG_SLOT_STRING };
const struct config_type config_text = { "text", check_text, CONFIG_SLOT_STRING };
const struct config_type config_word = { "word", check_word, CONFIG_SLOT_WORD };
const struct config_type config_choice = { "word", check_word, CONFIG_SLOT_STRING };
const struct config_type config_boolean = { "boolean", check_boolean, CONFIG_SLOT_BOOLEAN };
const struct config_type config_integer = { "integer", check_integer, CONFIG_SLOT_INTEGER };
const struct config_type config_number = { "number", check_number, CONFIG_SLOT_NUMBER };
const struct config_type config_band = { "boolean or number", check_band, CONFIG_SLOT_NUMBER };
const struct config_type config_duration = { "duration", check_duration, CONFIG_SLOT_DURATION };
const struct config_type config_size = { "size", check_size, CONFIG_SLOT_SIZE };
const struct config_type config_secret = { "secret", check_secret, CONFIG_SLOT_SECRET };
const struct config_type config_path = { "path", check_path, CONFIG_SLOT_STRING };
const struct config_type config_file = { "file", check_file, CONFIG_SLOT_STRING };
const struct config_type config_prompt = { "text file", check_prompt, CONFIG_SLOT_STRING };
const struct config_type config_name = { "name", check_name, CONFIG_SLOT_STRING };
const struct config_type config_cron = { "cron", check_cron, CONFIG_SLOT_STRING };
const struct config_type config_timezone = { "time zone", check_timezone, CONFIG_SLOT_STRING };
