/* Which titles a question means: by its words, and by what people mean with them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/question.h"
#include "bot/question_private.h"

#define WORDS_MAX 200
#define WORD_SIZE 48

/* Bits: a word may have several meanings. */
enum {
	MEANS_SLOW = 1 << 0,
	MEANS_ERROR = 1 << 1,
	MEANS_LOAD = 1 << 2,
	MEANS_CPU = 1 << 3,
	MEANS_MEMORY = 1 << 4,
	MEANS_DISK = 1 << 5,
	MEANS_NETWORK = 1 << 6,
	MEANS_QUEUE = 1 << 7,
	MEANS_DATABASE = 1 << 8,
	MEANS_HEALTH = 1 << 9,
	MEANS_THROTTLE = 1 << 10,
	MEANS_CACHE = 1 << 11,
	MEANS_BALANCER = 1 << 12,
};

static const struct meaning {
	unsigned means;
	const char *words[24];
} meanings[] = {
	{ MEANS_SLOW,
	  { "slow",     "slower",  "slowly",      "slowness", "slowed",  "latency", "latencie", "duration",
	    "response", "delay",   "delayed",     "lag",      "lagging", "hang",    "hanging",  "fast",
	    "faster",   "timeout", "performance", "elapsed",  "p99",     "p95",     "p90" } },
	{ MEANS_SLOW, { "p50", "sluggish", "stuck", "wait", "waiting", "responsetime", "took", "taking" } },
	{ MEANS_ERROR, { "error",  "fail",  "failed", "failing",   "failure", "5xx",       "4xx",      "500",
	                 "502",    "503",   "504",    "exception", "fault",   "unhealthy", "rejected", "reject",
	                 "broken", "crash", "crashe", "crashing",  "timeout", "wrong",     "bug" } },
	{ MEANS_LOAD,
	  { "load", "request", "traffic", "throughput", "invocation", "rps", "qps", "tps", "busy", "call", "hit",
	    "visit", "visitor", "concurrent", "concurrency", "session", "overloaded", "order", "cpu" } },
	{ MEANS_CPU, { "cpu", "processor", "compute", "load", "overloaded", "busy" } },
	{ MEANS_MEMORY, { "memory", "mem", "ram", "heap", "oom", "swap", "freeable" } },
	{ MEANS_DISK, { "disk", "storage", "space", "iops", "filesystem", "ebs", "inode", "io", "full", "ssd" } },
	{ MEANS_NETWORK,
	  { "network", "bandwidth", "byte", "packet", "net", "traffic", "throughput", "transfer" } },
	{ MEANS_QUEUE,
	  { "queue", "backlog", "message", "sqs", "depth", "consumer", "pending", "lag", "behind", "kafka" } },
	{ MEANS_DATABASE,
	  { "database", "db", "rds", "sql", "postgres", "postgresql", "mysql", "aurora", "dynamodb", "query",
	    "transaction", "deadlock", "replica" } },
	{ MEANS_HEALTH,
	  { "health", "healthy", "unhealthy", "down", "outage", "available", "availability", "up", "alive",
	    "dead" } },
	{ MEANS_THROTTLE, { "throttle", "throttled", "throttling", "429", "limited" } },
	{ MEANS_CACHE, { "cache", "redis", "elasticache", "memcached", "eviction", "evicted" } },
	{ MEANS_BALANCER, { "balancer", "loadbalancer", "alb", "elb", "nlb", "lb" } },
};

/* Words that tell nothing about what is asked for. */
static const char *const empty_words[] = {
	"a",        "about",   "after",       "again",       "ago",      "all",       "am",    "an",
	"and",      "any",     "are",         "around",      "as",       "ask",       "at",    "average",
	"avg",      "aws",     "be",          "been",        "before",   "between",   "by",    "can",
	"compared", "count",   "current",     "currently",   "day",      "did",       "do",    "does",
	"doing",    "ec2",     "few",         "for",         "from",     "get",       "give",  "go",
	"going",    "got",     "had",         "happen",      "happened", "happening", "has",   "have",
	"her",      "hey",     "hi",          "high",        "higher",   "hour",      "how",   "i",
	"id",       "if",      "in",          "is",          "it",       "its",       "just",  "last",
	"look",     "low",     "lower",       "make",        "max",      "maximum",   "me",    "metric",
	"min",      "minimum", "minute",      "monday",      "month",    "morning",   "much",  "my",
	"name",     "night",   "no",          "normal",      "not",      "now",       "of",    "ok",
	"on",       "or",      "our",         "out",         "over",     "past",      "per",   "please",
	"rate",     "right",   "say",         "second",      "see",      "show",      "since", "so",
	"some",     "still",   "sum",         "tell",        "than",     "that",      "the",   "their",
	"them",     "then",    "there",       "these",       "they",     "this",      "those", "time",
	"to",       "today",   "tonight",     "total",       "until",    "us",        "value", "very",
	"via",      "was",     "way",         "we",          "week",     "were",      "what",  "when",
	"where",    "which",   "who",         "why",         "will",     "with",      "would", "yesterday",
	"you",      "your",    "utilization", "utilisation", "percent",  "dashboard", "com",   "http",
	"https",    "code",    NULL,
};

struct word {
	char text[WORD_SIZE];
	unsigned means;
};

struct question_bag {
	struct word words[WORDS_MAX];
	size_t count;
};

/* --- words ------------------------------------------------------------------------------------------ */

/* Plurals become their singular, roughly: both sides are treated alike. */
static void singular(char *text)
{
	size_t length = strlen(text);

	if (length > 4 && strcmp(text + length - 3, "ies") == 0) {
		memcpy(text + length - 3, "y", 2);
		return;
	}
	if (length > 3 && text[length - 1] == 's' && text[length - 2] != 's' && text[length - 2] != 'u')
		text[length - 1] = '\0';
}

static unsigned means(const char *text)
{
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		for (size_t k = 0; k < 24 && meanings[i].words[k] != NULL; k++)
			if (*text == *meanings[i].words[k] && strcmp(text, meanings[i].words[k]) == 0)
				bits |= meanings[i].means;
	return bits;
}

static bool has(const struct question_bag *bag, const char *text)
{
	for (size_t i = 0; i < bag->count; i++)
		if (strcmp(bag->words[i].text, text) == 0)
			return true;
	return false;
}

static void add(struct question_bag *bag, const char *begin, size_t length)
{
	struct word word = { .means = 0 };

	if (bag->count == WORDS_MAX || length < 2 || length >= WORD_SIZE)
		return;
	for (size_t i = 0; i < length; i++)
		word.text[i] = (char)tolower((unsigned char)begin[i]);
	if (question_is_one_of(word.text, empty_words))
		return;
	singular(word.text);
	word.means = means(word.text);
	if (word.means == 0 && strspn(word.text, "0123456789") == strlen(word.text))
		return; /* a number names nothing */
	if (question_is_one_of(word.text, empty_words) || has(bag, word.text))
		return;
	/* The balancer is meant, no load. */
	if (strcmp(word.text, "balancer") == 0 && bag->count > 0 &&
	    strcmp(bag->words[bag->count - 1].text, "load") == 0)
		bag->count--;
	bag->words[bag->count++] = word;
}

enum kind { KIND_NONE, KIND_LOWER, KIND_UPPER, KIND_DIGIT, KIND_OTHER };

static enum kind kind_of(char c)
{
	unsigned char byte = (unsigned char)c;

	if (byte >= 0x80)
		return KIND_OTHER;
	return islower(byte) ? KIND_LOWER : isupper(byte) ? KIND_UPPER : isdigit(byte) ? KIND_DIGIT : KIND_NONE;
}

/* "TargetResponseTime", "HTTPCode_ELB_5XX", "CPUUtilization" are several words. */
static bool begins_word(const char *text, const char *at)
{
	enum kind before = kind_of(at[-1]), here = kind_of(*at), after = kind_of(at[1]);

	if (here == KIND_OTHER || before == KIND_OTHER)
		return here != before;
	if (here == KIND_UPPER && before == KIND_LOWER)
		return true;
	return here == KIND_UPPER && before == KIND_UPPER && after == KIND_LOWER && at - text > 1 && at[1] != 's';
}

static void read_bag(struct question_bag *bag, const char *text)
{
	bag->count = 0;
	while (*text != '\0') {
		const char *end = text + 1;

		if (kind_of(*text) == KIND_NONE) {
			text++;
			continue;
		}
		while (kind_of(*end) != KIND_NONE && !begins_word(text, end))
			end++;
		add(bag, text, (size_t)(end - text));
		text = end;
	}
}

/* --- how well ----------------------------------------------------------------------------------------- */

static size_t common_prefix(const char *a, const char *b)
{
	size_t length = 0;

	while (a[length] != '\0' && a[length] == b[length])
		length++;
	return length;
}

/* Scripts without spaces: a title's word within the question's. */
static bool is_within(const char *word, const char *other)
{
	return (unsigned char)*word >= 0x80 && strlen(word) >= 4 && strstr(other, word) != NULL;
}

static double match(const struct word *asked, const struct word *word, unsigned *meant)
{
	size_t common;

	if (strcmp(asked->text, word->text) == 0)
		return strlen(word->text) >= 8 && strpbrk(word->text, "0123456789") != NULL
		               ? 3
		               : 1; /* an id is sure */
	if (is_within(word->text, asked->text) || is_within(asked->text, word->text))
		return 1;
	common = common_prefix(asked->text, word->text);
	if (common >= 4 && (asked->text[common] == '\0' || word->text[common] == '\0'))
		return 0.7; /* "auth" and "authentication" */
	if ((asked->means & word->means & ~*meant) == 0)
		return 0;
	*meant |= asked->means & word->means;
	return 0.5;
}

struct question_bag *question_bag(const char *text)
{
	struct question_bag *bag = mem_alloc(sizeof(*bag));

	read_bag(bag, text == NULL ? "" : text);
	return bag;
}

double question_suits(const struct question_bag *asked, const char *title)
{
	struct question_bag *bag = question_bag(title);
	double score = 0;
	unsigned meant = 0;

	for (size_t k = 0; k < bag->count; k++) {
		double best = 0;

		for (size_t i = 0; i < asked->count; i++) {
			double found = match(&asked->words[i], &bag->words[k], &meant);

			best = found > best ? found : best;
		}
		score += best;
	}
	free(bag);
	return score;
}
