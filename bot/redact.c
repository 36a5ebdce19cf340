/* redact.c - marks, and the text without what is marked. */
#include "bot/redact.h"

#include "bot/mem.h"
#include "bot/redact_private.h"
#include "bot/secret.h"
#include "bot/str.h"

#define REPLACEMENT "[redacted]"
#define ROUNDS_MAX 6

void redact_mark(struct redact_text *r, size_t from, size_t to)
{
	if (from < to)
		memset(r->marks + from, true, (to - from) * sizeof(*r->marks));
}

bool redact_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool redact_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

char redact_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool redact_goes_on(const char *text, const char *word)
{
	for (; *word != '\0'; text++, word++)
		if (redact_lower(*text) != *word)
			return false;
	return true;
}

static void mark_registered(void *arg, size_t at, size_t length)
{
	redact_mark(arg, at, at + length);
}

/* True: marked, the password of "://user:password@host". It may hold '/' and '@', though it should not. */
static bool mark_userinfo(struct redact_text *r, size_t start, size_t end, size_t last_at)
{
	size_t slash = start + strcspn(r->text + start, "/?#");
	const char *colon = memchr(r->text + start, ':', end - start);

	if (last_at < start || last_at >= end || r->text[start] == '[') /* [::1]:80 */
		return false;
	size_t after = colon == NULL ? end : (size_t)(colon - r->text) + 1;
	if (after >= last_at) { /* no password; a long name alone is a token */
		if (last_at < slash && last_at - start >= 20)
			redact_mark(r, start, last_at);
		return false;
	}
	bool is_port = strspn(r->text + after, "0123456789") == slash - after;
	if (last_at > slash && (after > slash || is_port))
		return false; /* https://host:80/a@b */
	redact_mark(r, after, last_at);
	return true;
}

/* Words are looked at once, however many "://" they hold. */
static void mark_urls(struct redact_text *r)
{
	size_t word_end = 0, last_at = 0;

	for (size_t i = 0; i + 3 < r->length; i++) {
		if (i >= word_end) {
			for (word_end = i, last_at = i; word_end < r->length; word_end++) {
				if (redact_is_blank(r->text[word_end]) || strchr("\"'<>`", r->text[word_end]) != NULL)
					break;
				if (r->text[word_end] == '@')
					last_at = word_end;
			}
			word_end += word_end == i;
		}
		if (r->text[i] != ':' || r->text[i + 1] != '/' || r->text[i + 2] != '/' || i + 3 >= word_end)
			continue;
		if (mark_userinfo(r, i + 3, word_end, last_at))
			i = last_at;
	}
}

/* "-----BEGIN RSA PRIVATE KEY-----" and the like; *after: behind it. */
static bool is_key_line(const char *text, const char *kind, const char **after)
{
	const char *line = text + strlen("-----");
	size_t length;

	if (!str_starts(line, kind))
		return false;
	line += strlen(kind);
	length = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");
	if (length < 11 || length > 40 || !str_starts(line + length, "-----"))
		return false;
	*after = line + length + strlen("-----");
	return (strncmp(line + length - 11, "PRIVATE KEY", 11) == 0) ||
	       (length >= 17 && strncmp(line + length - 17, "PRIVATE KEY BLOCK", 17) == 0);
}

/* An end without a beginning: the text was cut in front. What looks like its body goes. */
static void mark_back(struct redact_text *r, size_t end)
{
	size_t start = end;

	while (start > 0 && (redact_is_alnum(r->text[start - 1]) || strchr("+/=\r\n", r->text[start - 1]) != NULL))
		start--;
	redact_mark(r, start, end);
}

static void mark_keys(struct redact_text *r)
{
	const char *body = NULL, *after;

	for (const char *at = r->text; *at != '\0'; at++) {
		if (*at != '-' || !str_starts(at, "-----"))
			continue;
		if (body == NULL && is_key_line(at, "BEGIN ", &after)) {
			body = after;
			at = after - 1;
		} else if (is_key_line(at, "END ", &after)) {
			if (body != NULL)
				redact_mark(r, (size_t)(body - r->text), (size_t)(at - r->text));
			else
				mark_back(r, (size_t)(at - r->text));
			body = NULL;
			at = after - 1;
		}
	}
	if (body != NULL)
		redact_mark(r, (size_t)(body - r->text), r->length);
}

/* The text with each marked run replaced. */
static char *replaced(const struct redact_text *r, size_t *count)
{
	struct str out;
	size_t i = 0;

	str_init(&out, r->length * sizeof(REPLACEMENT) + 1);
	while (i < r->length) {
		size_t start = i;
		bool marked = r->marks[i];
		while (i < r->length && r->marks[i] == marked)
			i++;
		if (!marked) {
			str_add_bytes(&out, r->text + start, i - start);
			continue;
		}
		bool before = i - start == strlen(REPLACEMENT) && str_starts(r->text + start, REPLACEMENT);
		*count += !before;
		str_add(&out, REPLACEMENT);
	}
	return str_take(&out);
}

static char *redact_once(const char *text, size_t *count)
{
	struct redact_text r = { .text = text, .length = strlen(text) };
	char *out;

	r.marks = mem_alloc((r.length + 1) * sizeof(*r.marks));
	secret_each_in(text, mark_registered, &r);
	mark_keys(&r);
	mark_urls(&r);
	redact_tokens(&r);
	redact_names(&r);
	redact_commands(&r);
	out = replaced(&r, count);
	free(r.marks);
	return out;
}

char *redact(const char *text, size_t *count)
{
	char *before = mem_copy_string(text);
	size_t found = 0;

	/* What is taken out may have hidden something: again, until nothing is found any more. */
	for (int round = 0; round < ROUNDS_MAX; round++) {
		char *after = redact_once(before, &found);
		bool same = strcmp(before, after) == 0;
		free(before);
		before = after;
		if (same) {
			if (count != NULL)
				*count = found;
			return before;
		}
	}
	free(before);
	if (count != NULL)
		*count = found + 1;
	return mem_copy_string(REPLACEMENT);
}
