/* A number as people read it: three digits that count, the unit behind. */
#include <math.h>

#include "bot/findings_private.h"

#define UNIT_MAX 32

struct scale {
	double above; /* used for values of at least this size */
	double factor;
	const char *suffix;
};

/* Each table ends with its smallest scale (above 0). */
static const struct scale seconds[] = {
	{ 10800, 1.0 / 3600, " h" }, { 600, 1.0 / 60, " min" },
	{ 0.1, 1, " s" }, { 1e-4, 1e3, " ms" }, { 0, 1e6, " µs" },
};
static const struct scale milliseconds[] = { /* in seconds too; only " s" begins later */
	{ 10800, 1.0 / 3600, " h" }, { 600, 1.0 / 60, " min" },
	{ 1, 1, " s" }, { 1e-4, 1e3, " ms" }, { 0, 1e6, " µs" },
};
static const struct scale bytes[] = {
	{ 1e12, 1e-12, " TB" }, { 1e9, 1e-9, " GB" }, { 1e6, 1e-6, " MB" }, { 1e3, 1e-3, " kB" }, { 0, 1, " B" },
};
static const struct scale bits[] = {
	{ 1e12, 1e-12, " Tbit" }, { 1e9, 1e-9, " Gbit" }, { 1e6, 1e-6, " Mbit" },
	{ 1e3, 1e-3, " kbit" }, { 0, 1, " bit" },
};
static const struct scale percent[] = { { 0, 1, " %" } };
static const struct scale plain[] = {
	{ 1e15, 1, "" }, { 1e12, 1e-12, " T" }, { 1e9, 1e-9, " G" }, { 1e6, 1e-6, " M" }, { 0, 1, "" },
};

static const struct unit {
	const char *name;
	const struct scale *scales;
	double factor; /* to what the table counts in */
} units[] = {
	{ "Seconds", seconds, 1 }, { "Milliseconds", milliseconds, 1e-3 }, { "Microseconds", milliseconds, 1e-6 },
	{ "s", seconds, 1 }, { "ms", milliseconds, 1e-3 }, { "Percent", percent, 1 }, { "%", percent, 1 },
	{ "Bytes", bytes, 1 }, { "Kilobytes", bytes, 1e3 }, { "Megabytes", bytes, 1e6 }, { "Gigabytes", bytes, 1e9 },
	{ "Terabytes", bytes, 1e12 }, { "Bits", bits, 1 }, { "Kilobits", bits, 1e3 }, { "Megabits", bits, 1e6 },
	{ "Gigabits", bits, 1e9 }, { "Terabits", bits, 1e12 }, { "Count", plain, 1 }, { "None", plain, 1 },
	{ "", plain, 1 },
};

struct form { /* how a value of some size is written in some unit */
	double factor;
	char suffix[UNIT_MAX + 16];
};

static const struct unit *find_unit(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strncasecmp(units[i].name, name, length) == 0 && units[i].name[length] == '\0')
			return &units[i];
	return NULL;
}

static void own_words(struct form *form, const char *unit)
{
	size_t length = str_utf8_prefix(unit, strlen(unit), UNIT_MAX);

	form->factor = 1;
	(void)snprintf(form->suffix, sizeof(form->suffix), " %.*s", (int)length, unit);
	for (char *c = form->suffix; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	str_utf8_mend(form->suffix);
}

static struct form form_of(double value, const char *unit)
{
	const char *words = unit == NULL ? "" : unit, *slash = strchr(words, '/');
	bool each_second = slash != NULL && (strcasecmp(slash, "/second") == 0 || strcasecmp(slash, "/s") == 0);
	const struct unit *known = find_unit(words, each_second ? (size_t)(slash - words) : strlen(words));
	const struct scale *scale;
	struct form form = { 0 };

	if (known == NULL) {
		own_words(&form, words);
		return form;
	}
	/* 0.9995: what rounds to the next scale's 1 is written in it. */
	for (scale = known->scales; scale->above > 0 && fabs(value * known->factor) < scale->above * 0.9995;)
		scale++;
	if (value == 0) /* no need to call it 0 µs */
		for (scale = known->scales; scale->factor != 1;)
			scale++;
	form.factor = known->factor * scale->factor;
	(void)snprintf(form.suffix, sizeof(form.suffix), "%s%s", scale->suffix, each_second ? "/s" : "");
	return form;
}

/* 12345 as 12,345. */
static void add_grouped(struct str *out, double value)
{
	char digits[40];
	size_t length;

	(void)snprintf(digits, sizeof(digits), "%.0f", fabs(value));
	length = strlen(digits);
	if (value < 0)
		str_add_char(out, '-');
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			str_add_char(out, ',');
		str_add_char(out, digits[i]);
	}
}

static void add_number(struct str *out, double value)
{
	double size = fabs(value);
	char digits[40];
	int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;

	if (size >= 1e15 || (size > 0 && size < 1)) {
		str_addf(out, "%.3g", value);
		return;
	}
	if (size >= 999.5) {
		add_grouped(out, value);
		return;
	}
	(void)snprintf(digits, sizeof(digits), "%.*f", decimals, value);
	if (strchr(digits, '.') != NULL) {
		size_t length = strlen(digits);

		while (digits[length - 1] == '0')
			length--;
		digits[digits[length - 1] == '.' ? length - 1 : length] = '\0';
	}
	str_add(out, digits);
}

char *finding_quantity(double value, const char *unit)
{
	struct form form = form_of(value, unit);
	struct str out;

	str_init(&out, 200);
	if (isnan(value) || isinf(value)) {
		str_add(&out, "no value");
		return str_take(&out);
	}
	add_number(&out, value * form.factor);
	str_add(&out, form.suffix);
	return str_take(&out);
}
