/* The words of a sentence or a name by which subjects are told apart: stems, without those that tell nothing.
 */
#include <string.h>
#include <strings.h>

#include "bot/evidence_private.h"
#include "bot/fact_private.h"

#define WORD_MAX 48
#define STEM_LEAST 5   /* letters */
#define VERB_LEAST 4   /* of "booked", "loading" */
#define LAST_WORDS 4   /* "the last gate wait time before" */
#define CODE_DIGITS 3  /* of a status code */
#define INITIALS_MAX 5 /* words of a name whose initials count */

static const char *const idle[] = {
	"the",  "a",     "an",    "of",     "and",     "in",      "on",      "at",     "to",      "for",
	"by",   "with",  "from",  "is",     "was",     "are",     "were",    "it",     "its",     "that",
	"this", "than",  "as",    "or",     "not",     "no",      "time",    "rate",   "average", "avg",
	"mean", "sum",   "total", "max",    "maximum", "min",     "minimum", "count",  "value",   "metric",
	"per",  "high",  "low",   "usual",  "about",   "where",   "since",   "until",  "while",   "then",
	"has",  "have",  "had",   "been",   "be",      "but",     "so",      "very",   "also",    "which",
	"when", "what",  "why",   "how",    "there",   "their",   "they",    "i",      "you",     "we",
	"more", "less",  "new",   "old",    "number",  "percent", "second",  "minute", "hour",    "day",
	"ms",   "s",     "h",     "target", "aws",     "amazon",  "still",   "now",    "all",     "both",
	"each", "other", "first", "last",   "before",  "after",   "between", "peak",   "level",   "der",
	"die",  "das",   "und",   "von",    "bei",     "um",      "auf",     "le",     "la",      "les",
	"de",   "des",   "du",    "el",     "los",     "o",       "os",      "e",      "y",       "em",
	"en",   "http",  "https", "com",    "utc",     "rose",    "fell",    "data",   "around",  "did",
	"highest", "lowest", "greatest", "least", "limit", "normal", "above", "below", "over", "under", "up", "down",
	"only", "back", "every", "median", "again", "far", "outside", "within", "went", "came", "one", "two", "once",
};

/* Words that mean the same in the trade: the first stands for all. */
static const char *const alike[][9] = {
	{ "latency", "response", "duration", "slow", "slower", "latencies", "latenz", "latence", "latencia" },
	{ "error", "fail", "failed", "failure", "fault", "errored", "fehler", "erreur", "failing" },
	{ "request", "traffic", "call", "requête", "anfrage", "solicitud", "invocation" },
	{ "cpu", "processor", "cpuutilization", "prozessor" },
	{ "memory", "ram", "mem", "heap", "speicher" },
	{ "disk", "storage", "volume", "ebs" },
	{ "database", "db", "rds", "datenbank" },
	{ "queue", "sqs", "backlog", "queued", "queueing", "waiting", "pending" },
	{ "completed", "finished", "done", "complete" },
	{ "connection", "conn", "session" },
	{ "host", "instance", "server", "instanz", "worker" },
	{ "5xx", "500s" },
	{ "network", "bandwidth", "net" },
	{ "order", "pedido", "bestellung" },
	{ "deploy", "deployed", "deployment", "release", "released", "rollout", "rolled", "déploiement",
	  "despliegue" },
	{ "restart", "restarted", "reboot", "rebooted" },
	{ "fired", "firing", "went", "triggered" },
	{ "used", "usage", "utilization", "utilisation", "utilized", "use", "consumption" },
};

static uint32_t hash_of(const char *word, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)word[i]) * 16777619u;
	return hash;
}

static bool is(const char *word, size_t length, const char *known)
{
	return known != NULL && known[0] == word[0] && strlen(known) == length && memcmp(word, known, length) == 0;
}

/* The plural's s is taken off, not that of "status" or "process". */
static size_t singular(const char *word, size_t length)
{
	if (length > 4 && memcmp(&word[length - 3], "ies", 3) == 0)
		return length; /* queries, latencies: spelled so on both sides mostly */
	if (length > 3 && word[length - 1] == 's' && word[length - 2] != 's' && word[length - 2] != 'u' &&
	    word[length - 2] != 'i')
		return length - 1;
	return length;
}

/* "rejections", "rejected", "rejecting" are one word, as "throttle", "throttled", "throttling" are, and "bookings" and
 * "booked". */
static size_t stem(const char *word, size_t length)
{
	static const char *const endings[] = { "ing", "ion", "ed", "al", "e" };

	if (is(word, length, "reading")) /* "the latest reading" is a value, and read nothing */
		return length;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t size = strlen(endings[i]), least = i == 0 || size == 2 ? VERB_LEAST : STEM_LEAST;

		if (length >= size + least && memcmp(&word[length - size], endings[i], size) == 0)
			return length - size;
	}
	return length;
}

static void add(struct evidence_words *words, const char *word, size_t length)
{
	uint32_t hash;
	size_t digits = 0;

	for (size_t i = 0; i < length; i++)
		digits += fact_is_digit(word[i]) ? 1 : 0;
	if (digits == length)
		return; /* a figure names nothing */
	length = singular(word, length);
	if (length == 0 || words->count == EVIDENCE_WORDS_MAX)
		return;
	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (is(word, length, idle[i]))
			return;
	hash = hash_of(word, stem(word, length));
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		for (size_t j = 0; j < sizeof(alike[0]) / sizeof(alike[0][0]); j++)
			if (is(word, length, alike[i][j]))
				hash = hash_of(alike[i][0], strlen(alike[i][0]));
	if (!evidence_words_have(words, hash))
		words->words[words->count++] = hash;
}

size_t evidence_words_initials(const char *text, size_t length, uint32_t *initials, size_t max)
{
	struct fact_cursor cursor = { text, length, 0 };
	char all[INITIALS_MAX];
	size_t words = 0, count = 0;

	for (size_t at = 0, size; at < length && words < INITIALS_MAX; at += size + 1) {
		size = fact_word_length(&cursor, at);
		if (size > 0)
			all[words++] = text[at] >= 'A' && text[at] <= 'Z' ? (char)(text[at] - 'A' + 'a') : text[at];
	}
	for (size_t begin = 0; begin + 3 <= words; begin++)
		for (size_t end = begin + 3; end <= words && count < max; end++)
			initials[count++] = hash_of(all + begin, end - begin);
	return count;
}

bool evidence_words_have(const struct evidence_words *words, uint32_t word)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->words[i] == word)
			return true;
	return false;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Whether a word ends before text[i], within letters and digits: CPUUtilization is two. */
static bool is_hump(const char *text, size_t begin, size_t i, size_t length)
{
	if (i == begin || !is_upper(text[i]))
		return false;
	if (is_lower(text[i - 1]))
		return true;
	return i >= begin + 2 && is_upper(text[i - 1]) && i + 1 < length && is_lower(text[i + 1]) &&
	       !(text[i + 1] == 's' && (i + 2 == length || !is_lower(text[i + 2])));
}

static bool is_token(char c)
{
	return is_upper(c) || is_lower(c) || fact_is_digit(c) || c == '-' || c == '_' || c == '.';
}

/* "ip-10-3-7-21", "10.3.7.21", "504", "504s", "msg-a": what is told apart by its digits, or by one letter, alone is a
 * word as a whole. */
static bool is_told_as_whole(const char *token, size_t length)
{
	size_t digits = 0, letters = 0, run = 0, parts = 0, bare = 0, size = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && strchr("-_.", token[i]) == NULL) {
			digits += fact_is_digit(token[i]) ? 1 : 0;
			letters += fact_is_digit(token[i]) ? 0 : 1;
			run += fact_is_digit(token[i]) ? 0 : 1;
			size++;
			continue;
		}
		parts++;
		bare += run == 0 || (parts > 1 && size == 1) ? 1 : 0;
		run = 0;
		size = 0;
	}
	if (letters == 0)
		return parts == 1 ? digits == CODE_DIGITS : parts > 2 && memchr(token, '-', length) == NULL;
	if (parts == 1)
		return letters == 1 && digits == CODE_DIGITS && token[length - 1] == 's';
	return bare > 0;
}

static void add_tokens(struct evidence_words *words, const char *text, size_t length)
{
	char token[WORD_MAX];

	for (size_t at = 0; at < length;) {
		size_t size = 0, kept;
		uint32_t hash;

		while (at + size < length && is_token(text[at + size]))
			size++;
		kept = size;
		while (kept > 0 && strchr("-_.", text[at + kept - 1]) != NULL)
			kept--;
		if (kept > 0 && kept < WORD_MAX && is_told_as_whole(text + at, kept) &&
		    words->count < EVIDENCE_WORDS_MAX) {
			for (size_t i = 0; i < kept; i++)
				token[i] = is_upper(text[at + i]) ? (char)(text[at + i] - 'A' + 'a') : text[at + i];
			hash = hash_of(token, token[kept - 1] == 's' && kept == CODE_DIGITS + 1 ? kept - 1 : kept);
			if (!evidence_words_have(words, hash))
				words->words[words->count++] = hash;
		}
		at += size > 0 ? size : 1;
	}
}

/* "Used to answer in 38 ms" is of the past, not of what is used. */
static bool is_used_to(const char *word, size_t used, const char *behind, size_t length)
{
	return used == 4 && memcmp(word, "used", 4) == 0 && length > 4 && strncmp(behind, " to ", 4) == 0;
}

static bool is_per(const char *text, size_t begin)
{
	return begin >= 5 && strncasecmp(text + begin - 5, " per ", 5) == 0 &&
	       (strncasecmp(text + begin, "minute", 6) == 0 || strncasecmp(text + begin, "hour", 4) == 0);
}

void evidence_words_read(struct evidence_words *words, const char *text, size_t length)
{
	char word[WORD_MAX];
	size_t used = 0, begin = 0;

	words->count = 0;
	add_tokens(words, text, length);
	for (size_t i = 0; i <= length; i++) {
		char c = i < length ? text[i] : ' ';
		bool part = fact_is_letter(c) || fact_is_digit(c);

		if (used > 0 && (!part || is_hump(text, begin, i, length))) {
			if (is_per(text, begin)) /* "payments per minute" is told from "payments" by that */
				add(words, "perunit", 7);
			if (!is_used_to(word, used, text + i, length - i))
				add(words, word, used);
			used = 0;
		}
		if (!part)
			continue;
		if (used == 0)
			begin = i;
		if (used < WORD_MAX)
			word[used++] = is_upper(c) ? (char)(c - 'A' + 'a') : c;
	}
}

double evidence_words_per_s(const char *name)
{
	struct fact_cursor cursor = { name, strlen(name), 0 };
	size_t length;

	for (size_t at = 1; at < cursor.length; at++) {
		bool stands = name[at] == '/' || fact_stands(&cursor, at, " per ", false) ||
			      fact_stands(&cursor, at, " a ", false) || fact_stands(&cursor, at, " pro ", false);
		double rate = stands ? fact_rate_at(&cursor, at, &length) : 0;

		if (rate > 0)
			return 1 / rate;
	}
	return 0;
}

bool evidence_is_count_noun(const char *word, size_t length)
{
	static const char *const nouns[] = {
		"request",     "requests", "error",    "errors",      "call",        "calls",    "order",
		"orders",      "message",  "messages", "connection",  "connections", "job",      "jobs",
		"user",        "users",    "query",    "queries",     "row",         "rows",     "event",
		"events",      "item",     "items",    "hit",         "hits",        "timeouts", "Anfragen",
		"Fehler",      "requêtes", "erreurs",  "solicitudes", "errores",     "failures", "invocations",
		"sessions",    "threads",  "tasks",    "restarts",    "deploys",     "lines",    "transactions",
		"packets",     "reads",    "writes",   "operations",  "rejections",  "faults",   "responses",
		"requisições", "erros",    "5xx",      "4xx",         "throttles",   "retries",  NULL
	};

	for (size_t i = 0; nouns[i] != NULL; i++)
		if (strlen(nouns[i]) == length && strncasecmp(nouns[i], word, length) == 0)
			return true;
	return false;
}

static const struct {
	const char *word;
	unsigned which;
} asked[] = {
	{ "peak", EVIDENCE_GREATEST },
	{ "highest", EVIDENCE_GREATEST },
	{ "maximum", EVIDENCE_GREATEST },
	{ "max", EVIDENCE_GREATEST },
	{ "greatest", EVIDENCE_GREATEST },
	{ "topped", EVIDENCE_GREATEST },
	{ "exceed", EVIDENCE_GREATEST },
	{ "spiked", EVIDENCE_GREATEST },
	{ "spike", EVIDENCE_GREATEST },
	{ "apart from", EVIDENCE_RUNNERS },
	{ "aside from", EVIDENCE_RUNNERS },
	{ "except for", EVIDENCE_RUNNERS },
	{ "largest", EVIDENCE_GREATEST },
	{ "worst", EVIDENCE_GREATEST | EVIDENCE_LEAST },
	{ "as high as", EVIDENCE_GREATEST },
	{ "up to", EVIDENCE_GREATEST },
	{ "most", EVIDENCE_GREATEST },
	{ "slowest", EVIDENCE_GREATEST },
	{ "crest", EVIDENCE_GREATEST },
	{ "lowest", EVIDENCE_LEAST },
	{ "minimum", EVIDENCE_LEAST },
	{ "min", EVIDENCE_LEAST },
	{ "least", EVIDENCE_LEAST },
	{ "bottomed", EVIDENCE_LEAST },
	{ "as low as", EVIDENCE_LEAST },
	{ "smallest", EVIDENCE_LEAST },
	{ "below", EVIDENCE_LEAST },
	{ "trough", EVIDENCE_LEAST },
	{ "down to", EVIDENCE_LEAST | EVIDENCE_LAST },
	{ "never fewer than", EVIDENCE_LEAST },
	{ "never less than", EVIDENCE_LEAST },
	{ "never more than", EVIDENCE_GREATEST },
	{ "at most", EVIDENCE_GREATEST },
	{ "fastest", EVIDENCE_LEAST },
	{ "dip", EVIDENCE_LEAST },
	{ "average", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "averaged", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "averaging", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "mean", EVIDENCE_MEAN },
	{ "avg", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "median", EVIDENCE_MEDIAN },
	{ "hovers", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "hovered", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "now", EVIDENCE_LAST },
	{ "currently", EVIDENCE_LAST },
	{ "latest", EVIDENCE_LAST },
	{ "last", EVIDENCE_LAST },
	{ "most recent", EVIDENCE_LAST },
	{ "ends", EVIDENCE_LAST },
	{ "ended", EVIDENCE_LAST },
	{ "first", EVIDENCE_FIRST },
	{ "opens", EVIDENCE_FIRST },
	{ "opened", EVIDENCE_FIRST },
	{ "starts at", EVIDENCE_FIRST },
	{ "starting at", EVIDENCE_FIRST },
	{ "starting from", EVIDENCE_FIRST },
	{ "start of", EVIDENCE_FIRST },
	{ "beginning of", EVIDENCE_FIRST },
	{ "closes", EVIDENCE_LAST },
	{ "closed", EVIDENCE_LAST },
	{ "at the end", EVIDENCE_LAST },
	{ "end of the range", EVIDENCE_LAST },
	{ "second highest", EVIDENCE_RUNNERS },
	{ "second-highest", EVIDENCE_RUNNERS },
	{ "second largest", EVIDENCE_RUNNERS },
	{ "second-largest", EVIDENCE_RUNNERS },
	{ "second greatest", EVIDENCE_RUNNERS },
	{ "second worst", EVIDENCE_RUNNERS },
	{ "second-worst", EVIDENCE_RUNNERS },
	{ "second lowest", EVIDENCE_RUNNERS },
	{ "third highest", EVIDENCE_RUNNERS },
	{ "runner-up", EVIDENCE_RUNNERS },
	{ "next highest", EVIDENCE_RUNNERS },
	{ "next-highest", EVIDENCE_RUNNERS },
	{ "two worst", EVIDENCE_RUNNERS },
	{ "two highest", EVIDENCE_RUNNERS },
	{ "two largest", EVIDENCE_RUNNERS },
	{ "two greatest", EVIDENCE_RUNNERS },
	{ "two lowest", EVIDENCE_RUNNERS },
	{ "three worst", EVIDENCE_RUNNERS },
	{ "three highest", EVIDENCE_RUNNERS },
	{ "top two", EVIDENCE_RUNNERS | EVIDENCE_GREATEST },
	{ "top three", EVIDENCE_RUNNERS | EVIDENCE_GREATEST },
	{ "began", EVIDENCE_FIRST },
	{ "started", EVIDENCE_FIRST },
	{ "initially", EVIDENCE_FIRST },
	{ "total", EVIDENCE_SUM },
	{ "totalled", EVIDENCE_SUM },
	{ "totaled", EVIDENCE_SUM },
	{ "altogether", EVIDENCE_SUM },
	{ "sum", EVIDENCE_SUM },
	{ "overall", EVIDENCE_SUM | EVIDENCE_MEAN },
	{ "in all", EVIDENCE_SUM },
	{ "range", EVIDENCE_LEAST | EVIDENCE_GREATEST },
	{ "ranged", EVIDENCE_LEAST | EVIDENCE_GREATEST },
	{ "ranges", EVIDENCE_LEAST | EVIDENCE_GREATEST },
	{ "between", EVIDENCE_LEAST | EVIDENCE_GREATEST },
	{ "varied", EVIDENCE_LEAST | EVIDENCE_GREATEST },
	{ "Höchstwert", EVIDENCE_GREATEST },
	{ "höchste", EVIDENCE_GREATEST },
	{ "Durchschnitt", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "durchschnittlich", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "niedrigste", EVIDENCE_LEAST },
	{ "zuletzt", EVIDENCE_LAST },
	{ "insgesamt", EVIDENCE_SUM },
	{ "moyenne", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "pic", EVIDENCE_GREATEST },
	{ "promedio", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "pico", EVIDENCE_GREATEST },
	{ "média", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "máximo", EVIDENCE_GREATEST },
	{ "mínimo", EVIDENCE_LEAST },
	{ "peaked", EVIDENCE_GREATEST },
	{ "peaking", EVIDENCE_GREATEST },
	{ "exceeded", EVIDENCE_GREATEST },
	{ "dipped", EVIDENCE_LEAST },
	{ "平均", EVIDENCE_MEAN | EVIDENCE_MEDIAN },
	{ "最大", EVIDENCE_GREATEST },
	{ "最小", EVIDENCE_LEAST },
	{ "合計", EVIDENCE_SUM },
};

/* "The last value before it collapsed" is not how it is at the end. */
static bool is_last_before(const struct fact_cursor *cursor, size_t at)
{
	for (int i = 0; i < LAST_WORDS && fact_word_length(cursor, at) > 0; i++) {
		at = fact_skip_space(cursor, at + fact_word_length(cursor, at));
		if (fact_stands(cursor, at, "before", true))
			return true;
	}
	return false;
}

/* "5 min", "the last six hours", "time to first byte" */
static bool is_no_statistic(const struct fact_cursor *cursor, size_t at)
{
	size_t length, behind = at + 5;

	if (fact_stands(cursor, at, "min", true))
		return at > 1 && (fact_is_digit(cursor->text[at - 1]) || fact_is_digit(cursor->text[at - 2]));
	if (fact_stands(cursor, at, "last ", false))
		return fact_is_digit(fact_char(cursor, behind)) || fact_number_of_words(cursor, behind, &length) >= 0 ||
		       is_last_before(cursor, behind);
	return fact_stands(cursor, at, "first byte", true);
}

unsigned evidence_words_statistics(const char *text, size_t length)
{
	struct fact_cursor cursor = { text, length, 0 };
	unsigned which = 0;

	for (size_t at = 0; at < length; at++) {
		if (at > 0 && fact_is_letter(text[at - 1]) && (unsigned char)text[at] < 0xE3)
			continue;
		if (is_no_statistic(&cursor, at))
			continue;
		for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
			if ((asked[i].word[0] | 0x20) == (text[at] | 0x20) &&
			    (which & asked[i].which) != asked[i].which &&
			    fact_stands(&cursor, at, asked[i].word, true))
				which |= asked[i].which;
	}
	return which;
}
