/* What looks like somebody's or something's name rather than a word: i-0abc, CPUUtilization,
 * http_requests_total. */
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define NAME_MAX 300

/* Words of the trade with capitals or digits inside, which name no thing of the reader's. */
static const char *const trade[] = { "CloudWatch",
				     "CloudTrail",
				     "CloudFront",
				     "CloudFormation",
				     "DynamoDB",
				     "PostgreSQL",
				     "MySQL",
				     "MariaDB",
				     "GitHub",
				     "GitLab",
				     "JavaScript",
				     "TypeScript",
				     "OpenSearch",
				     "ElastiCache",
				     "EventBridge",
				     "CodeDeploy",
				     "CodePipeline",
				     "CodeBuild",
				     "AppSync",
				     "OpenTelemetry",
				     "NaN",
				     "PromQL",
				     "GraphQL",
				     "NoSQL",
				     "InnoDB",
				     "MongoDB",
				     "RabbitMQ",
				     "DevOps",
				     "PagerDuty",
				     "OpsGenie",
				     "EKS",
				     "EC2",
				     "S3",
				     "K8s",
				     "IPv4",
				     "IPv6",
				     "HTTP/1.1",
				     "HTTP/2",
				     "HTTP/3",
				     "OAuth2",
				     "UTF-8",
				     "gRPC",
				     "IaC",
				     "CPUs",
				     "GPUs",
				     "IDs",
				     "APIs",
				     "URLs",
				     "VMs",
				     "SLOs",
				     "SLAs",
				     "SLIs",
				     "AZs",
				     "DBs",
				     "OKRs",
				     "PRs",
				     "ALBs",
				     "NLBs",
				     "ELBs",
				     "TTLs",
				     "IPs",
				     "OSs",
				     "QAs",
				     "MoM",
				     "WoW",
				     "DoD",
				     "YoY",
				     "e.g",
				     "i.e",
				     "a.m",
				     "p.m",
				     "z.B",
				     "d.h",
				     "u.a",
				     "p.ex",
				     "Node.js",
				     "node.js",
				     "SNS",
				     "KiB",
				     "MiB",
				     "GiB",
				     "TiB",
				     "kB",
				     "and/or",
				     "24/7",
				     "I/O",
				     "N/A",
				     "n/a",
				     "read/write",
				     "on/off",
				     "yes/no",
				     "up/down",
				     "input/output",
				     "min/max",
				     "client/server",
				     "CI/CD",
				     "TCP/IP",
				     "SSL/TLS",
				     "in/out",
				     "success/failure",
				     "start/stop",
				     "he/she",
				     "tocsin",
				     "vCPU",
				     "vCPUs",
				     "SysOps",
				     "FinOps",
				     "AutoScaling",
				     "ReadOnly",
				     "OutOfMemory",
				     "OOMKilled",
				     "JVM",
				     "macOS",
				     "iOS",
				     "LinkedIn",
				     "YouTube",
				     "WebSocket",
				     "WebSockets",
				     "MemCached",
				     "LoadBalancer",
				     "TLSv1",
				     "km/h",
				     "US$",
				     "Mio.",
				     "bzw",
				     NULL };

static bool is_among(const char *text, size_t length, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == length && strncasecmp(text, *words, length) == 0)
			return true;
	return false;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || fact_is_digit(c) || c == '_';
}

/* Letters, digits and underscores, with single - . / : @ # + = between them; a slash may begin it. */
static size_t token_length(const struct fact_cursor *cursor, size_t at)
{
	size_t end = at + (fact_char(cursor, at) == '/' ? 1 : 0);

	while (end - at < NAME_MAX) {
		char c = fact_char(cursor, end), next = fact_char(cursor, end + 1);

		if (is_name_char(c)) {
			end++;
			continue;
		}
		if (end == at || c == '\0' || strchr("-./:@#$=~+", c) == NULL)
			break;
		if (!is_name_char(next) && !(c == ':' && next == ':') && !(c == next && c == '-') &&
		    !(c == ':' && next == '/') && !(c == '/' && next == '/'))
			break;
		end++;
	}
	return end - at;
}

struct shape {
	size_t digits, lower, upper, humps, underscores, dots, hyphens, slashes, colons, others;
};

static struct shape shape_of(const char *text, size_t length)
{
	struct shape s = { 0 };

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		s.digits += fact_is_digit(c) ? 1 : 0;
		s.lower += c >= 'a' && c <= 'z' ? 1 : 0;
		s.upper += c >= 'A' && c <= 'Z' ? 1 : 0;
		s.humps += i > 0 && c >= 'A' && c <= 'Z' && text[i - 1] >= 'a' && text[i - 1] <= 'z' ? 1 : 0;
		s.humps += i > 1 && c >= 'a' && c <= 'z' && text[i - 1] >= 'A' && text[i - 1] <= 'Z' &&
				   text[i - 2] >= 'A' && text[i - 2] <= 'Z' && i + 1 < length
			       ? 1
			       : 0;
		s.underscores += c == '_' ? 1 : 0;
		s.dots += c == '.' ? 1 : 0;
		s.hyphens += c == '-' ? 1 : 0;
		s.slashes += c == '/' ? 1 : 0;
		s.colons += c == ':' ? 1 : 0;
		s.others += strchr("@#$=~+", c) != NULL ? 1 : 0;
	}
	return s;
}

/* p99, 5xx, F1, v2, 3rd, 2x, T1, Q3: short words of figures, which name nothing of the reader's. F1 is looked
 * at by the judge. */
static bool is_short_form(const char *text, size_t length)
{
	size_t digits = 0;

	while (digits < length && fact_is_digit(text[digits]))
		digits++;
	if (digits > 0) /* 5xx, 3rd, 40x, 10k: a number reads the rest, or nobody */
		return true;
	if (length <= 6 && (text[0] == 'p' || text[0] == 'P' || text[0] == 'v' || text[0] == 'V') &&
	    fact_is_digit(text[1])) {
		for (size_t i = 1; i < length; i++)
			if (!fact_is_digit(text[i]) && text[i] != '.')
				return false;
		return true;
	}
	return false;
}

static bool is_finding_id(const char *text, size_t length)
{
	if (length < 2 || length > 4 || text[0] != 'F')
		return false;
	for (size_t i = 1; i < length; i++)
		if (!fact_is_digit(text[i]))
			return false;
	return true;
}

int fact_name_finding(const char *text, const struct fact *name)
{
	int number = 0;

	if (!is_finding_id(text + name->from, name->to - name->from))
		return 0;
	for (size_t at = name->from + 1; at < name->to; at++)
		number = number * 10 + (text[at] - '0');
	return number;
}

/* "4.12.0": neither a number nor one with points for thousands (1.234.567). */
static bool is_version(const char *text, size_t length)
{
	size_t parts = 0, run = 0;
	bool thousands = true;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && fact_is_digit(text[i])) {
			run++;
			continue;
		}
		if (run == 0 || (i < length && text[i] != '.'))
			return false;
		thousands = thousands && (parts == 0 || run == 3);
		parts++;
		run = 0;
	}
	return parts == 3 && !thousands;
}

/* Hyphens alone make no name of English words; with digits they may. */
static bool looks_like_name(const char *text, size_t length)
{
	struct shape s = shape_of(text, length);

	if (length < 2)
		return false;
	if (is_finding_id(text, length) || is_version(text, length))
		return true;
	if (is_short_form(text, length) && s.hyphens + s.underscores + s.slashes + s.colons + s.others == 0 &&
	    !(s.dots >= 2 && s.digits >= 4))
		return false;
	if (s.underscores > 0 && s.lower + s.upper > 0)
		return true;
	if (s.dots > 0 && s.lower + s.upper > 2 && text[length - 1] != '.')
		return true;
	if (s.dots >= 3 && s.digits >= 4 && s.lower + s.upper == 0)
		return true; /* an address */
	if (s.colons > 0 && s.lower + s.upper > 0)
		return true;
	if (s.slashes > 0 && s.lower + s.upper > 3)
		return s.slashes > 1 || s.digits + s.hyphens > 0 || text[0] == '/';
	if (s.hyphens > 0 && s.digits > 0 && s.lower + s.upper > 0 && !fact_is_digit(text[0]))
		return true;
	if (s.hyphens > 1 && s.digits >= 3 && s.lower > 0)
		return true;
	if (s.digits > 0 && s.lower + s.upper >= 1 && !fact_is_digit(text[0]) && length > 3)
		return true;
	return s.humps > 0 && s.hyphens == 0 && s.lower > 1 && s.upper > 1;
}

/* Behind "alarm", "instance"... or before it a plain word with hyphens is a name, too. */
static bool stands_by_kind(const struct fact_cursor *cursor, size_t from, size_t to)
{
	static const char *const kinds[] = { "alarm",   "alarms",   "instance", "instances", "host",
					     "metric",  "service",  "queue",    "table",     "function",
					     "cluster", "database", "bucket",   "dashboard", "runbook",
					     "group",   "topic",    "server",   "node",      "pod",
					     "Alarm",   "Instanz",  "alarme",   "alarma",    NULL };
	size_t length, begin = fact_word_before(cursor, from, &length);

	if (length > 0 && fact_word_is(cursor, begin, length, kinds))
		return true;
	begin = fact_skip_space(cursor, to);
	length = fact_word_length(cursor, begin);
	return length > 0 && begin > to && fact_word_is(cursor, begin, length, kinds) &&
	       memchr(cursor->text + from, '-', to - from) != NULL;
}

static bool is_quoted(const struct fact_cursor *cursor, size_t from, size_t to)
{
	char before = from > 0 ? cursor->text[from - 1] : ' ', behind = fact_char(cursor, to);

	return (before == '`' && behind == '`') || (before == '"' && behind == '"') ||
	       (before == '\'' && behind == '\'') ||
	       (from >= 3 && memcmp(cursor->text + from - 3, "“", 3) == 0 &&
		fact_stands(cursor, to, "”", false));
}

static bool is_number_or_unit(const char *text, size_t length)
{
	struct shape s = shape_of(text, length);

	/* "200ms", "0.196", "10-20": figures. "i-1" begins with a letter. */
	return fact_is_digit(text[0]) && s.lower + s.upper <= 3 && s.underscores + s.others + s.slashes == 0 &&
	       (s.hyphens == 0 || s.lower + s.upper == 0) && !(s.dots >= 3);
}

/* "_Time to first byte_" is in italics: what stands alone at a word's end is no part of a name. */
static void leave_emphasis(const struct fact_cursor *cursor, size_t *begin, size_t *length)
{
	const char *text = cursor->text;
	size_t from = *begin, to = *begin + *length;

	while (from < to && text[from] == '_')
		from++;
	while (to > from && text[to - 1] == '_')
		to--;
	if (memchr(text + from, '_', to - from) != NULL && (from == *begin || to == *begin + *length))
		return; /* _private_name */
	*length = to - from;
	*begin = from;
}

bool fact_name(struct fact_cursor *cursor, struct fact *fact)
{
	size_t begin = cursor->at, length = token_length(cursor, begin);
	const char *text = cursor->text + begin;
	bool quoted = is_quoted(cursor, begin, begin + length);
	struct shape s;
	size_t words;
	bool maybe, named = true;

	if (!quoted)
		leave_emphasis(cursor, &begin, &length);
	text = cursor->text + begin;
	if (length < 2 || (unsigned char)text[0] >= 0x80 ||
	    (is_number_or_unit(text, length) && !is_version(text, length)))
		return false;
	if (fact_number_of_words(cursor, begin, &words) >= 0 && words == length)
		return false;                /* "twenty-five" */
	if (is_among(text, length, trade)) { /* "HTTP/2": its digit is no figure either */
		cursor->at = begin + length;
		return false;
	}
	s = shape_of(text, length);
	if (s.lower + s.upper == 0 && s.dots < 2)
		return false;
	if (fact_is_digit(text[0]) && s.hyphens > 0 && s.hyphens <= 2 &&
	    s.underscores + s.slashes + s.dots + s.colons == 0 && s.digits <= 4 && !quoted)
		return false; /* "5-minute", "10-second" */
	maybe = s.hyphens > 0 && s.upper == 0 &&
		s.underscores + s.dots + s.slashes + s.colons + s.others == 0 && !fact_is_digit(text[0]) &&
		length > 4;
	if (!looks_like_name(text, length)) {
		bool parts = s.hyphens + s.underscores + s.dots + s.slashes + s.colons + s.digits + s.humps > 0;

		if (is_short_form(text, length) || length > NAME_MAX ||
		    !((quoted && parts) || (s.hyphens > 0 && stands_by_kind(cursor, begin, begin + length)) ||
		      (quoted && stands_by_kind(cursor, begin - 1, begin + length + 1))))
			named = false;
		if (!named && !maybe)
			return false;
	}
	*fact = (struct fact) { .kind = FACT_NAME,
				.maybe = !named,
				.from = begin,
				.to = begin + length,
				.quoted = quoted,
				.clock_s = -1,
				.weekday = -1 };
	cursor->at = begin + length;
	return true;
}
