/* What stands behind a number: units, scales ("million"), rates ("per minute"), "times". */
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define KIB 1024.0
#define MIB (KIB * KIB)
#define GIB (MIB * KIB)
#define TIB (GIB * KIB)

/* The first that fits counts: longer words before the shorter ones that they begin with need not stand first,
 * since a word must end where its letters end. Signs and characters of Japanese may be followed by anything. */
static const struct fact_unit_word units[] = {
	{ "ms", FACT_SECONDS, 1e-3, 0, false, true },
	{ "msec", FACT_SECONDS, 1e-3, 0, false, false },
	{ "msecs", FACT_SECONDS, 1e-3, 0, false, false },
	{ "millisecond", FACT_SECONDS, 1e-3, 0, false, false },
	{ "milliseconds", FACT_SECONDS, 1e-3, 0, false, false },
	{ "millis", FACT_SECONDS, 1e-3, 0, false, false },
	{ "Millisekunde", FACT_SECONDS, 1e-3, 0, false, false },
	{ "Millisekunden", FACT_SECONDS, 1e-3, 0, false, false },
	{ "milliseconde", FACT_SECONDS, 1e-3, 0, false, false },
	{ "millisecondes", FACT_SECONDS, 1e-3, 0, false, false },
	{ "milisegundo", FACT_SECONDS, 1e-3, 0, false, false },
	{ "milisegundos", FACT_SECONDS, 1e-3, 0, false, false },
	{ "milissegundos", FACT_SECONDS, 1e-3, 0, false, false },
	{ "ミリ秒", FACT_SECONDS, 1e-3, 0, false, false },
	{ "µs", FACT_SECONDS, 1e-6, 0, false, true },
	{ "μs", FACT_SECONDS, 1e-6, 0, false, true },
	{ "us", FACT_SECONDS, 1e-6, 0, false, true },
	{ "usec", FACT_SECONDS, 1e-6, 0, false, false },
	{ "microsecond", FACT_SECONDS, 1e-6, 0, false, false },
	{ "microseconds", FACT_SECONDS, 1e-6, 0, false, false },
	{ "ns", FACT_SECONDS, 1e-9, 0, false, true },
	{ "s", FACT_SECONDS, 1, 0, false, true },
	{ "sec", FACT_SECONDS, 1, 0, false, false },
	{ "secs", FACT_SECONDS, 1, 0, false, false },
	{ "second", FACT_SECONDS, 1, 0, false, false },
	{ "seconds", FACT_SECONDS, 1, 0, false, false },
	{ "Sekunde", FACT_SECONDS, 1, 0, false, false },
	{ "Sekunden", FACT_SECONDS, 1, 0, false, false },
	{ "seconde", FACT_SECONDS, 1, 0, false, false },
	{ "secondes", FACT_SECONDS, 1, 0, false, false },
	{ "segundo", FACT_SECONDS, 1, 0, false, false },
	{ "segundos", FACT_SECONDS, 1, 0, false, false },
	{ "秒", FACT_SECONDS, 1, 0, false, false },
	{ "min", FACT_SECONDS, 60, 0, true, false },
	{ "mins", FACT_SECONDS, 60, 0, true, false },
	{ "m", FACT_SECONDS, 60, 0, true, true },
	{ "minute", FACT_SECONDS, 60, 0, true, false },
	{ "minutes", FACT_SECONDS, 60, 0, true, false },
	{ "Minuten", FACT_SECONDS, 60, 0, true, false },
	{ "minuto", FACT_SECONDS, 60, 0, true, false },
	{ "minutos", FACT_SECONDS, 60, 0, true, false },
	{ "分間", FACT_SECONDS, 60, 0, true, false },
	{ "分", FACT_SECONDS, 60, 0, true, false },
	{ "h", FACT_SECONDS, 3600, 0, true, false },
	{ "hr", FACT_SECONDS, 3600, 0, true, false },
	{ "hrs", FACT_SECONDS, 3600, 0, true, false },
	{ "hour", FACT_SECONDS, 3600, 0, true, false },
	{ "hours", FACT_SECONDS, 3600, 0, true, false },
	{ "Stunde", FACT_SECONDS, 3600, 0, true, false },
	{ "Stunden", FACT_SECONDS, 3600, 0, true, false },
	{ "Std", FACT_SECONDS, 3600, 0, true, false },
	{ "heure", FACT_SECONDS, 3600, 0, true, false },
	{ "heures", FACT_SECONDS, 3600, 0, true, false },
	{ "hora", FACT_SECONDS, 3600, 0, true, false },
	{ "horas", FACT_SECONDS, 3600, 0, true, false },
	{ "時間", FACT_SECONDS, 3600, 0, true, false },
	{ "d", FACT_SECONDS, 86400, 0, true, true },
	{ "day", FACT_SECONDS, 86400, 0, true, false },
	{ "days", FACT_SECONDS, 86400, 0, true, false },
	{ "Tag", FACT_SECONDS, 86400, 0, true, false },
	{ "Tage", FACT_SECONDS, 86400, 0, true, false },
	{ "Tagen", FACT_SECONDS, 86400, 0, true, false },
	{ "jour", FACT_SECONDS, 86400, 0, true, false },
	{ "jours", FACT_SECONDS, 86400, 0, true, false },
	{ "día", FACT_SECONDS, 86400, 0, true, false },
	{ "días", FACT_SECONDS, 86400, 0, true, false },
	{ "dia", FACT_SECONDS, 86400, 0, true, false },
	{ "dias", FACT_SECONDS, 86400, 0, true, false },
	{ "日間", FACT_SECONDS, 86400, 0, true, false },
	{ "week", FACT_SECONDS, 604800, 0, true, false },
	{ "weeks", FACT_SECONDS, 604800, 0, true, false },
	{ "%", FACT_PERCENT, 1, 0, false, false },
	{ "％", FACT_PERCENT, 1, 0, false, false },
	{ "percent", FACT_PERCENT, 1, 0, false, false },
	{ "pct", FACT_PERCENT, 1, 0, false, false },
	{ "percentage points", FACT_PERCENT, 1, 0, false, false },
	{ "percentage point", FACT_PERCENT, 1, 0, false, false },
	{ "percent points", FACT_PERCENT, 1, 0, false, false },
	{ "percentage", FACT_PERCENT, 1, 0, false, false },
	{ "pp", FACT_PERCENT, 1, 0, false, true },
	{ "Prozent", FACT_PERCENT, 1, 0, false, false },
	{ "Prozentpunkte", FACT_PERCENT, 1, 0, false, false },
	{ "Prozentpunkten", FACT_PERCENT, 1, 0, false, false },
	{ "points de pourcentage", FACT_PERCENT, 1, 0, false, false },
	{ "puntos porcentuales", FACT_PERCENT, 1, 0, false, false },
	{ "pontos percentuais", FACT_PERCENT, 1, 0, false, false },
	{ "pour cent", FACT_PERCENT, 1, 0, false, false },
	{ "por ciento", FACT_PERCENT, 1, 0, false, false },
	{ "por cento", FACT_PERCENT, 1, 0, false, false },
	{ "パーセント", FACT_PERCENT, 1, 0, false, false },
	{ "B", FACT_BYTES, 1, 0, false, true },
	{ "byte", FACT_BYTES, 1, 0, false, false },
	{ "bytes", FACT_BYTES, 1, 0, false, false },
	{ "octets", FACT_BYTES, 1, 0, false, false },
	{ "kB", FACT_BYTES, 1e3, KIB, false, false },
	{ "MB", FACT_BYTES, 1e6, MIB, false, false },
	{ "GB", FACT_BYTES, 1e9, GIB, false, false },
	{ "TB", FACT_BYTES, 1e12, TIB, false, false },
	{ "KiB", FACT_BYTES, KIB, 0, false, false },
	{ "MiB", FACT_BYTES, MIB, 0, false, false },
	{ "GiB", FACT_BYTES, GIB, 0, false, false },
	{ "TiB", FACT_BYTES, TIB, 0, false, false },
	{ "Ko", FACT_BYTES, 1e3, KIB, false, true },
	{ "Mo", FACT_BYTES, 1e6, MIB, false, true },
	{ "Go", FACT_BYTES, 1e9, GIB, false, true },
	{ "To", FACT_BYTES, 1e12, TIB, false, true },
	{ "kilobytes", FACT_BYTES, 1e3, KIB, false, false },
	{ "megabytes", FACT_BYTES, 1e6, MIB, false, false },
	{ "gigabytes", FACT_BYTES, 1e9, GIB, false, false },
	{ "terabytes", FACT_BYTES, 1e12, TIB, false, false },
	{ "megabyte", FACT_BYTES, 1e6, MIB, false, false },
	{ "gigabyte", FACT_BYTES, 1e9, GIB, false, false },
	{ "bit", FACT_BITS, 1, 0, false, false },
	{ "bits", FACT_BITS, 1, 0, false, false },
	{ "kbit", FACT_BITS, 1e3, 0, false, false },
	{ "Mbit", FACT_BITS, 1e6, 0, false, false },
	{ "Gbit", FACT_BITS, 1e9, 0, false, false },
	{ "Tbit", FACT_BITS, 1e12, 0, false, false },
	{ "kbps", FACT_BITS, 1e3, 0, false, false },
	{ "Mbps", FACT_BITS, 1e6, 0, false, false },
	{ "Gbps", FACT_BITS, 1e9, 0, false, false },
	{ "mV", FACT_VOLTS, 1e-3, 0, false, true },
	{ "V", FACT_VOLTS, 1, 0, false, true },
	{ "kV", FACT_VOLTS, 1e3, 0, false, true },
	{ "volt", FACT_VOLTS, 1, 0, false, false },
	{ "volts", FACT_VOLTS, 1, 0, false, false },
	{ "mA", FACT_AMPERES, 1e-3, 0, false, true },
	{ "amperes", FACT_AMPERES, 1, 0, false, false },
	{ "mW", FACT_WATTS, 1e-3, 0, false, true },
	{ "W", FACT_WATTS, 1, 0, false, true },
	{ "kW", FACT_WATTS, 1e3, 0, false, true },
	{ "watts", FACT_WATTS, 1, 0, false, false },
	{ "°C", FACT_CELSIUS, 1, 0, false, true },
	{ "℃", FACT_CELSIUS, 1, 0, false, true },
	{ "°F", FACT_FAHRENHEIT, 1, 0, false, true },
	{ "dBm", FACT_DECIBELS, 1, 0, false, true },
	{ "dB", FACT_DECIBELS, 1, 0, false, true },
	{ "Hz", FACT_HERTZ, 1, 0, false, true },
	{ "kHz", FACT_HERTZ, 1e3, 0, false, true },
	{ "MHz", FACT_HERTZ, 1e6, 0, false, true },
	{ "GHz", FACT_HERTZ, 1e9, 0, false, true },
};

static const struct scale {
	const char *word;
	double factor;
	bool near; /* only without a space before it, and in this case */
} scales[] = {
	{ "k", 1e3, true },           { "K", 1e3, true },          { "M", 1e6, true },
	{ "G", 1e9, true },           { "T", 1e12, true },         { "bn", 1e9, false },
	{ "mn", 1e6, false },         { "T", 1e12, false },        { "G", 1e9, false },
	{ "M", 1e6, false }, /* "1.2 G", as findings write it */
	{ "thousand", 1e3, false },   { "million", 1e6, false },   { "billion", 1e9, false },
	{ "millions", 1e6, false },   { "tausend", 1e3, false },   { "Tsd", 1e3, false },
	{ "Mio", 1e6, false },        { "Millionen", 1e6, false }, { "Mrd", 1e9, false },
	{ "Milliarden", 1e9, false }, { "mille", 1e3, false },     { "milliards", 1e9, false },
	{ "mil", 1e3, false },        { "millón", 1e6, false },    { "millones", 1e6, false },
	{ "milhão", 1e6, false },     { "milhões", 1e6, false },   { "万", 1e4, true },
	{ "億", 1e8, true },
};

static const struct rate {
	const char *word;
	double a_second;
} rates[] = {
	{ "second", 1 },
	{ "seconds", 1 },
	{ "s", 1 },
	{ "sec", 1 },
	{ "minute", 1.0 / 60 },
	{ "min", 1.0 / 60 },
	{ "hour", 1.0 / 3600 },
	{ "h", 1.0 / 3600 },
	{ "hr", 1.0 / 3600 },
	{ "day", 1.0 / 86400 },
	{ "d", 1.0 / 86400 },
	{ "Sekunde", 1 },
	{ "Minute", 1.0 / 60 },
	{ "Stunde", 1.0 / 3600 },
	{ "seconde", 1 },
	{ "heure", 1.0 / 3600 },
	{ "segundo", 1 },
	{ "minuto", 1.0 / 60 },
	{ "hora", 1.0 / 3600 },
	{ "Tag", 1.0 / 86400 },
	{ "jour", 1.0 / 86400 },
};

static bool is_ascii_word(const char *word)
{
	return fact_is_letter(word[0]) && (unsigned char)word[0] < 0x80;
}

static bool stands_exactly(const struct fact_cursor *cursor, size_t at, const char *word)
{
	size_t length = strlen(word);

	return cursor->length - at >= length && memcmp(cursor->text + at, word, length) == 0;
}

static bool ends_there(const struct fact_cursor *cursor, size_t end, const char *word)
{
	char next = fact_char(cursor, end);

	/* "12 時間" is followed by more of its sentence without a space; so is a sign. */
	if (!is_ascii_word(word) && (unsigned char)word[0] != 0xC2 && (unsigned char)word[0] != 0xCE)
		return true;
	if ((unsigned char)next >= 0xE3)
		return true;
	return !fact_is_letter(next) && !fact_is_digit(next) && next != '_';
}

const struct fact_unit_word *fact_unit_at(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const struct fact_unit_word *unit = &units[i];
		size_t long_ = strlen(unit->word);
		bool stands =
		    at <= cursor->length && (unit->exact_case ? stands_exactly(cursor, at, unit->word)
							      : fact_stands(cursor, at, unit->word, false));

		if (!stands || !ends_there(cursor, at + long_, unit->word))
			continue;
		*length = long_;
		return unit;
	}
	return NULL;
}

double fact_scale_at(const struct fact_cursor *cursor, size_t at, bool near, size_t *length)
{
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		const struct scale *scale = &scales[i];
		bool exact = strlen(scale->word) == 1 || scale->near;

		if (scale->near && !near)
			continue;
		if (at > cursor->length || !(exact ? stands_exactly(cursor, at, scale->word)
						   : fact_stands(cursor, at, scale->word, false)))
			continue;
		if (!ends_there(cursor, at + strlen(scale->word), scale->word))
			continue;
		*length = strlen(scale->word);
		return scale->factor;
	}
	return 0;
}

double fact_rate_at(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	static const char *const words[] = { "per", "a", "an", "each", "every", "pro", "par", "por", NULL };
	static const char *const then[] = { "ago", "earlier", "later", "before", "after", NULL };
	size_t next = fact_skip_space(cursor, at);
	bool found = false;

	if (fact_char(cursor, next) == '/') {
		next = fact_skip_space(cursor, next + 1);
		found = true;
	}
	for (size_t i = 0; words[i] != NULL && !found && next > at; i++) {
		if (!fact_stands(cursor, next, words[i], true))
			continue;
		next = fact_skip_space(cursor, next + strlen(words[i]));
		found = true;
	}
	for (size_t i = 0; found && i < sizeof(rates) / sizeof(rates[0]); i++) {
		if (!fact_stands(cursor, next, rates[i].word, true))
			continue;
		*length = next + strlen(rates[i].word) - at;
		next = fact_skip_space(cursor, at + *length);
		/* "12 an hour ago" */
		return fact_word_is(cursor, next, fact_word_length(cursor, next), then) ? 0 : rates[i].a_second;
	}
	return 0;
}

size_t fact_times_at(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "times", "x",      "fold", "-fold", "mal",   "fach",
					     "fache", "-fache", "fois", "veces", "vezes", NULL };

	for (size_t i = 0; words[i] != NULL; i++)
		if (fact_stands(cursor, at, words[i], true))
			return strlen(words[i]);
	if (fact_stands(cursor, at, "×", false))
		return strlen("×");
	return fact_stands(cursor, at, "倍", false) ? strlen("倍") : 0;
}
