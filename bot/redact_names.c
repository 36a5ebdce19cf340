/*
 * redact_names.c - values that stand behind a telling name.
 *
 * A name is a run of letters, digits, '-', '_' and '.', taken apart into words ("clientSecret" is
 * client, secret). It tells when a word does and no later word turns it into something about a secret
 * (password_file). Its value follows '=', ':', "=>", '>' (XML), a blank (options), in quotes or not.
 */
#include "bot/redact_private.h"

#include <string.h>

#define NAME_MAX_LENGTH 128 /* longer runs are no names */
#define WORD_MAX 32
#define LOOK_MAX 64 /* how far a following NAME= is looked for */

static const char *const telling[] = {
	"password", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "pswd", "secret", "token", "apikey",
	"credential", "cookie", "jwt", "otp", "bearer", "signature", "sig", "masterauth", "requirepass", "sessionid",
	"accesskey", "secretkey", "privatekey", "encryptionkey", NULL
};
/* As the end of a word that is written together: pgpassword, authtoken, storepass. */
static const char *const telling_ends[] = { "password", "passwd", "pass", "secret", "token", "apikey",
                                            "secretkey", "pwd", NULL };
static const char *const harmless_words[] = { "bypass", "compass", "encompass", "surpass", "trespass",
                                              "underpass", "overpass", "nopasswd", "nopassword", NULL };
/* "key" alone is many things. */
static const char *const before_key[] = {
	"api", "access", "secret", "private", "auth", "account", "encryption", "encrypt", "signing", "sign", "master",
	"shared", "storage", "ssh", "subscription", "license", "function", "crypto", "cipher", "session", "webhook",
	"service", "admin", "application", "app", "consumer", "deploy", "routing", "integration", "ingestion", NULL
};
/* Behind a telling word: it is about the secret, not the secret. */
static const char *const about[] = {
	"file", "files", "path", "dir", "directory", "folder", "arn", "name", "id", "ids", "url", "uri", "endpoint",
	"type", "length", "len", "size", "ttl", "expiry", "expires", "expiration", "expired", "policy", "prompt",
	"count", "limit", "age", "enabled", "disabled", "required", "version", "manager", "provider", "store", "field",
	"format", "hint", "reset", "changed", "at", "min", "max", "algorithm", "method", "host", "port", "user",
	"username", "stdin", "fd", "env", "ref", "class", "helper", "command", "cmd", "generator", "validator",
	"parser", "txt", "log", "conf", "cfg", "ini", "yml", "yaml", "json", "xml", "sh", "py", "rb", "js", "java",
	"md", "gz", "service", "socket", "lock", "so", "html", "css", "php", "go", "bucket", "usage", "seconds",
	"days", "through", "rate", "domain", "secure", "authentication", NULL
};

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static bool tells_at_its_end(const char *word)
{
	size_t length = strlen(word);

	if (is_one_of(word, harmless_words))
		return false;
	for (const char *const *end = telling_ends; *end != NULL; end++)
		if (length > strlen(*end) && strcmp(word + length - strlen(*end), *end) == 0)
			return true;
	return false;
}

/* The next word of a name, in lower case; the place behind it. camelCase and HTTPServer are two words. */
static size_t next_word(const char *name, size_t length, size_t at, char word[WORD_MAX])
{
	size_t count = 0;

	while (at < length && (redact_lower(name[at]) < 'a' || redact_lower(name[at]) > 'z'))
		at++;
	for (; at < length && redact_lower(name[at]) >= 'a' && redact_lower(name[at]) <= 'z'; at++) {
		bool upper = name[at] < 'a';
		if (count > 0 && upper && name[at - 1] >= 'a')
			break;
		if (count > 1 && upper && at + 1 < length && name[at + 1] >= 'a' && name[at + 1] <= 'z')
			break;
		if (count < WORD_MAX - 1)
			word[count++] = redact_lower(name[at]);
	}
	word[count] = '\0';
	return at;
}

bool redact_name_tells(const char *name, size_t length)
{
	char word[WORD_MAX], last[WORD_MAX] = "";
	bool tells = false;

	for (size_t at = next_word(name, length, 0, word); word[0] != '\0'; at = next_word(name, length, at, word)) {
		if (is_one_of(word, telling) || tells_at_its_end(word))
			tells = true;
		else if (strcmp(word, "key") == 0 && is_one_of(last, before_key))
			tells = true;
		else if (is_one_of(word, about))
			tells = false;
		memcpy(last, word, sizeof(last));
	}
	return tells || (length == 5 && strncmp(name, "_auth", 5) == 0) ||
	       (length == 13 && strncmp(name, "REDISCLI_AUTH", 13) == 0);
}

static bool is_name_char(char c)
{
	return redact_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static size_t skip_blanks(const char *text, size_t at)
{
	size_t most = at + 16;

	while (at < most && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

/* Marks what is within quotes that open at `at`, maybe behind a backslash; returns where they close. A
 * backslash takes the next character along, and '' stands for one ' (YAML, SQL). */
static size_t mark_quoted(struct redact_text *r, size_t at)
{
	bool escaped = r->text[at] == '\\';
	size_t from = at + 1 + escaped, end = from;
	char quote = r->text[at + escaped];

	for (; r->text[end] != '\0' && r->text[end] != '\n'; end++) {
		bool doubled = end > from && quote == '\'' && r->text[end] == quote && r->text[end + 1] == quote;
		if ((r->text[end] == quote && !doubled) ||
		    (escaped && r->text[end] == '\\' && r->text[end + 1] == quote))
			break;
		if (doubled || (r->text[end] == '\\' && r->text[end + 1] != '\0' && r->text[end + 1] != '\n'))
			end++;
	}
	redact_mark(r, from, end);
	return end;
}

static bool is_quote(const char *text)
{
	return text[0] == '"' || text[0] == '\'' || text[0] == '`' ||
	       (text[0] == '\\' && (text[1] == '"' || text[1] == '\''));
}

/* Behind '&', ';' or ',': another NAME= or NAME:, maybe in quotes. */
static bool is_next_pair(const char *text)
{
	size_t at = 0, from;

	while (text[at] == ' ' && at < 4)
		at++;
	if (text[at] == '"' || text[at] == '\'')
		at++;
	for (from = at; is_name_char(text[at]) || text[at] == '[' || text[at] == ']'; at++)
		if (at > LOOK_MAX)
			return false;
	if (at > from && (text[at] == '"' || text[at] == '\''))
		at++;
	return at > from && (text[at] == '=' || text[at] == ':');
}

static bool says_nothing(const char *value, size_t length)
{
	static const char *const words[] = { "null", "true", "false", "none", "nil", "undefined" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (length == strlen(words[i]) && redact_goes_on(value, words[i]))
			return true;
	return false;
}

/* A quotation mark that closes what began before the name: nothing of a word follows. */
static bool is_closing(const char *text)
{
	size_t length = text[0] == '\\' ? 2 : 1;
	char next = is_quote(text) ? text[length] : 'x';

	return redact_is_blank(next) || strchr(",;:}])", next) != NULL; /* the text's end as well */
}

/* Marks an unquoted value, and returns its end. `query`: an '&' ends it. */
static size_t mark_plain(struct redact_text *r, size_t from, bool query)
{
	const char *t = r->text;
	size_t end = from;

	for (; t[end] != '\0' && !redact_is_blank(t[end]) && !is_closing(t + end); end++)
		if ((query && (t[end] == '&' || t[end] == '#')) ||
		    (strchr("&;,", t[end]) != NULL && is_next_pair(t + end + 1)))
			break;
	if (!says_nothing(t + from, end - from))
		redact_mark(r, from, end);
	return end;
}

static size_t mark_value(struct redact_text *r, size_t from, bool query)
{
	return is_quote(r->text + from) ? mark_quoted(r, from) : mark_plain(r, from, query);
}

/* The value of an Authorization header: the scheme stays where it is a known one. */
static size_t mark_authorization(struct redact_text *r, size_t from)
{
	static const char *const one_word[] = { "bearer ", "basic ", "token ", "negotiate ", "apikey ", "ntlm " };
	static const char *const many_words[] = { "digest ", "aws4-hmac-sha256 ", "hmac ", "signature " };
	size_t end;

	for (size_t i = 0; i < sizeof(one_word) / sizeof(one_word[0]); i++)
		if (redact_goes_on(r->text + from, one_word[i])) {
			from += strlen(one_word[i]);
			end = from + strcspn(r->text + from, " \t\r\n\"'");
			redact_mark(r, from, end);
			return end;
		}
	for (size_t i = 0; i < sizeof(many_words) / sizeof(many_words[0]); i++)
		if (redact_goes_on(r->text + from, many_words[i]))
			from += strlen(many_words[i]);
	end = from + strcspn(r->text + from, "\r\n\"'");
	redact_mark(r, from, end);
	return end;
}

/* Marks to the end of a header's line, or to a quotation mark. */
static size_t mark_line(struct redact_text *r, size_t from)
{
	size_t end = from + strcspn(r->text + from, "\r\n\"'");

	redact_mark(r, from, end);
	return end;
}

struct found { /* a run that may be a name */
	size_t start, end; /* without the dashes of an option */
	bool option;       /* begins with a dash */
	bool in_path;      /* behind a '/' that is no option's */
	bool query;        /* behind '?' or '&' */
};

static struct found name_at(const struct redact_text *r, size_t start, size_t end)
{
	char before = start == 0 ? '\n' : r->text[start - 1];
	bool first = start < 2 || redact_is_blank(r->text[start - 2]);
	struct found found = { .start = start, .end = end };

	while (found.start < end && strchr("-.", r->text[found.start]) != NULL)
		found.start++;
	found.option = r->text[start] == '-' && (redact_is_blank(before) || strchr("\"'`", before) != NULL);
	found.in_path = (before == '/' && !first) || before == '\\' || before == '~';
	found.query = before == '?' || before == '&';
	return found;
}

static bool is_name(const struct redact_text *r, const struct found *found, const char *name)
{
	return found->end - found->start == strlen(name) && redact_goes_on(r->text + found->start, name);
}

/* Behind the name: closing quotes or brackets, blanks, a separator. *to: where a value may begin. */
static char separator_of(const struct redact_text *r, const struct found *found, size_t *to)
{
	const char *t = r->text;
	size_t at = found->end, name_end;

	at += t[at] == '\\' && (t[at + 1] == '"' || t[at + 1] == '\'');
	at += t[at] == '"' || t[at] == '\'';
	at += t[at] == ']';
	name_end = at;
	at = skip_blanks(t, at);
	if (t[at] == ':' && t[at + 1] == '=')
		at++;
	if (t[at] == '=') {
		bool loose = at > name_end;
		at += t[at + 1] == '=' || t[at + 1] == '>' ? 2 : 1;
		*to = loose || is_quote(t + skip_blanks(t, at)) ? skip_blanks(t, at) : at;
		return '=';
	}
	if (t[at] == ':') {
		*to = skip_blanks(t, at + 1);
		return ':';
	}
	if (t[at] == '>' && at == name_end && found->start > 0 && t[found->start - 1] == '<') {
		*to = at + 1;
		return '>';
	}
	*to = at;
	return at > name_end && at == skip_blanks(t, found->end) ? ' ' : '\0';
}

/* "passwd: not found" is a program that speaks; so is a file's name in a path. ARNs have :secret:NAME. */
static bool is_speaker(const struct redact_text *r, const struct found *found, char separator)
{
	bool first = found->start == 0 || r->text[found->start - 1] == '\n';

	if (separator != ':')
		return false;
	if (found->in_path || (found->start > 0 && r->text[found->start - 1] == ':'))
		return true;
	return first && is_name(r, found, "passwd") && r->text[found->end] == ':';
}

static bool is_signature(const struct redact_text *r, const struct found *found)
{
	return (found->end - found->start >= 3 && redact_goes_on(r->text + found->end - 3, "sig")) ||
	       (found->end - found->start >= 9 && redact_goes_on(r->text + found->end - 9, "signature"));
}

/* The place to go on at. */
static size_t look_at(struct redact_text *r, const struct found *found)
{
	size_t value, end;
	char separator = separator_of(r, found, &value);

	if (separator == '\0' || found->end == found->start)
		return found->end;
	if (separator != ' ' && (is_name(r, found, "authorization") || is_name(r, found, "proxy-authorization")))
		return is_quote(r->text + value) ? mark_quoted(r, value) : mark_authorization(r, value);
	if (!redact_name_tells(r->text + found->start, found->end - found->start) ||
	    is_speaker(r, found, separator))
		return found->end;
	if (separator == ' ') {
		bool quoted = is_quote(r->text + value);
		if (!quoted && (!found->option || r->text[value] == '-'))
			return found->end;
		return mark_value(r, value, false);
	}
	if (separator == '>') {
		end = value + strcspn(r->text + value, "<\r\n");
		redact_mark(r, value, end);
		return end;
	}
	if (is_signature(r, found) && separator != '=')
		return found->end;
	if (separator == ':' && (is_name(r, found, "cookie") || is_name(r, found, "set-cookie")))
		return mark_line(r, value);
	return mark_value(r, value, found->query);
}

/* SQL: IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY "x". */
static void mark_identified(struct redact_text *r)
{
	for (size_t i = 0; i < r->length; i++) {
		if (redact_lower(r->text[i]) != 'i' || !redact_goes_on(r->text + i, "identified "))
			continue;
		size_t at = i + strlen("identified "), most = at + LOOK_MAX;
		while (at < most && at < r->length && !is_quote(r->text + at) && r->text[at] != '\n')
			at++;
		if (at < most && at < r->length && is_quote(r->text + at))
			i = mark_quoted(r, at);
	}
}

void redact_names(struct redact_text *r)
{
	size_t at = 0;

	while (at < r->length) {
		size_t end = at;
		while (is_name_char(r->text[end]))
			end++;
		if (end == at) {
			at++;
		} else if (end - at > NAME_MAX_LENGTH) {
			at = end;
		} else {
			struct found found = name_at(r, at, end);
			at = look_at(r, &found);
		}
	}
	mark_identified(r);
}
