/*
 * redact_tokens.c - what is a secret by its form alone, wherever it stands.
 *
 * Forms are those that the issuers document for secret scanning. A token begins where a word does.
 */
#include "bot/redact_private.h"

#include <string.h>

#include "bot/str.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define URL_SAFE ALNUM "_-"
#define BASE64 ALNUM "+/="

struct form {
	const char *prefix;
	const char *of;  /* what follows is made of this */
	size_t least;    /* of what follows */
	size_t most;     /* 0: any length */
	bool keep;       /* the prefix is no part of the secret */
};

static const struct form forms[] = {
	{ "AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16, 16, false }, /* AWS: long-lived key id */
	{ "ASIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16, 16, false }, /* AWS: of a session */
	{ "xoxb-", URL_SAFE "%", 10, 0, false }, /* Slack: bot, user, app, refresh, cookie ... */
	{ "xoxp-", URL_SAFE "%", 10, 0, false },
	{ "xoxa-", URL_SAFE "%", 10, 0, false },
	{ "xoxr-", URL_SAFE "%", 10, 0, false },
	{ "xoxs-", URL_SAFE "%", 10, 0, false },
	{ "xoxo-", URL_SAFE "%", 10, 0, false },
	{ "xoxc-", URL_SAFE "%", 10, 0, false },
	{ "xoxd-", URL_SAFE "%", 10, 0, false },
	{ "xoxe-", URL_SAFE "%", 10, 0, false },
	{ "xoxe.", URL_SAFE ".%", 10, 0, false },
	{ "xapp-", URL_SAFE, 10, 0, false },
	{ "hooks.slack.com/services/", ALNUM "/", 10, 0, true },
	{ "hooks.slack.com/workflows/", ALNUM "/", 10, 0, true },
	{ "hooks.slack.com/triggers/", ALNUM "/", 10, 0, true },
	{ "ghp_", ALNUM, 20, 0, false }, /* GitHub */
	{ "gho_", ALNUM, 20, 0, false },
	{ "ghu_", ALNUM, 20, 0, false },
	{ "ghs_", ALNUM, 20, 0, false },
	{ "ghr_", ALNUM, 20, 0, false },
	{ "github_pat_", ALNUM "_", 20, 0, false },
	{ "glpat-", URL_SAFE ".", 15, 0, false }, /* GitLab */
	{ "glptt-", URL_SAFE, 15, 0, false },
	{ "gldt-", URL_SAFE, 15, 0, false },
	{ "glrt-", URL_SAFE ".", 15, 0, false },
	{ "glcbt-", URL_SAFE, 15, 0, false },
	{ "glsoat-", URL_SAFE, 15, 0, false },
	{ "glagent-", URL_SAFE, 15, 0, false },
	{ "GR1348941", URL_SAFE, 15, 0, false },
	{ "sk_live_", ALNUM, 10, 0, false }, /* Stripe */
	{ "sk_test_", ALNUM, 10, 0, false },
	{ "rk_live_", ALNUM, 10, 0, false },
	{ "rk_test_", ALNUM, 10, 0, false },
	{ "whsec_", BASE64, 10, 0, false },
	{ "AIza", URL_SAFE, 35, 0, false }, /* Google: API key, OAuth token, client secret */
	{ "ya29.", URL_SAFE ".", 20, 0, false },
	{ "GOCSPX-", URL_SAFE, 20, 0, false },
	{ "npm_", ALNUM, 30, 0, false },
	{ "pypi-AgE", URL_SAFE, 20, 0, false },
	{ "ATATT3", URL_SAFE "=", 20, 0, false }, /* Atlassian */
	{ "ATCTT3", URL_SAFE "=", 20, 0, false },
	{ "ATBB", ALNUM, 28, 0, false },
	{ "SG.", URL_SAFE ".", 30, 0, false }, /* SendGrid */
	{ "sk-ant-", URL_SAFE, 20, 0, false }, /* makers of models */
	{ "sk-proj-", URL_SAFE, 20, 0, false },
	{ "sk-", ALNUM, 32, 0, false },
	{ "hvs.", URL_SAFE, 20, 0, false }, /* Vault */
	{ "hvb.", URL_SAFE, 20, 0, false },
	{ "dop_v1_", ALNUM, 40, 0, false }, /* DigitalOcean */
	{ "AGE-SECRET-KEY-1", ALNUM, 20, 0, false },
	{ "$1$", ALNUM "./$", 20, 0, false }, /* crypt(3): hashes can be guessed at */
	{ "$5$", ALNUM "./$=", 20, 0, false },
	{ "$6$", ALNUM "./$=", 20, 0, false },
	{ "$y$", ALNUM "./$", 20, 0, false },
	{ "$2a$", ALNUM "./$", 20, 0, false },
	{ "$2b$", ALNUM "./$", 20, 0, false },
	{ "$2y$", ALNUM "./$", 20, 0, false },
};

/* The length of what has a form, from its prefix on; 0: none. Of a form with a greatest length no more
 * is looked at. */
static size_t form_length(const char *text, const struct form *form)
{
	size_t prefix, length = 0;

	if (text[0] != form->prefix[0] || !str_starts(text, form->prefix))
		return 0;
	prefix = strlen(form->prefix);
	if (form->most == 0)
		length = strspn(text + prefix, form->of);
	else
		while (length <= form->most && text[prefix + length] != '\0' &&
		       strchr(form->of, text[prefix + length]) != NULL)
			length++;
	if (length < form->least || (form->most > 0 && length > form->most))
		return 0;
	return prefix + length;
}

/* Three parts or more, the first two of some length: "eyJ" is base64 of '{"'. *looked: how far the
 * first part goes; where one fails, a later beginning within it fails too. */
static size_t jwt_length(const char *text, size_t *looked)
{
	size_t length, parts = 0;

	if (!str_starts(text, "eyJ"))
		return 0;
	*looked = strspn(text, URL_SAFE);
	for (length = 0; parts < 5; length++) {
		size_t part = strspn(text + length, URL_SAFE);
		if (parts < 2 && part < 8)
			return 0;
		length += part;
		parts++;
		if (text[length] != '.')
			break;
	}
	return parts >= 3 ? length : 0;
}

/* "Bearer" and then what is no word of prose: 16 characters or more, a digit among them. */
static void mark_bearer(struct redact_text *r, size_t at)
{
	size_t from = at + strlen("bearer "), length;
	bool digit = false;

	if (!redact_goes_on(r->text + at, "bearer "))
		return;
	length = strspn(r->text + from, BASE64 "._~-");
	for (size_t i = 0; i < length; i++)
		digit = digit || (r->text[from + i] >= '0' && r->text[from + i] <= '9');
	if (length >= 16 && digit)
		redact_mark(r, from, from + length);
}

static void mark_forms(struct redact_text *r)
{
	bool begins[256] = { false }; /* the first characters of all forms: most places have another one */
	size_t no_jwt_before = 0;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		begins[(unsigned char)forms[i].prefix[0]] = true;
	for (size_t i = 0; i < r->length; i++) {
		if (i > 0 && redact_is_alnum(r->text[i - 1]))
			continue;
		size_t length = 0, kept = 0, looked = 0;
		if (i >= no_jwt_before)
			length = jwt_length(r->text + i, &looked);
		if (looked > 0)
			no_jwt_before = i + looked;
		bool may_be = begins[(unsigned char)r->text[i]];
		for (size_t j = 0; may_be && length == 0 && j < sizeof(forms) / sizeof(forms[0]); j++) {
			length = form_length(r->text + i, &forms[j]);
			kept = length > 0 && forms[j].keep ? strlen(forms[j].prefix) : 0;
		}
		mark_bearer(r, i);
		redact_mark(r, i + kept, i + length);
		i += length > 0 ? length - 1 : 0;
	}
}

/* Upper and lower case and a digit: a hash in hexadecimal digits has not all three. */
static bool is_mixed(const char *text, size_t length)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < length; i++) {
		upper = upper || (text[i] >= 'A' && text[i] <= 'Z');
		lower = lower || (text[i] >= 'a' && text[i] <= 'z');
		digit = digit || (text[i] >= '0' && text[i] <= '9');
	}
	return upper && lower && digit;
}

static bool tells_of_aws(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (redact_goes_on(line + i, "secret") || redact_goes_on(line + i, "aws") ||
		    form_length(line + i, &forms[0]) > 0 || form_length(line + i, &forms[1]) > 0)
			return true;
	return false;
}

/* AWS secret keys have no prefix, but 40 characters: on a line that tells of one. */
static void mark_aws_secrets(struct redact_text *r)
{
	size_t start = 0;

	while (start < r->length) {
		size_t end = start + strcspn(r->text + start, "\n");
		bool telling = tells_of_aws(r->text + start, end - start);
		while (telling && start < end) {
			size_t run = strspn(r->text + start, ALNUM "+/");
			if (run == 40 && is_mixed(r->text + start, run))
				redact_mark(r, start, start + run);
			start += run + 1;
		}
		start = end + 1;
	}
}

void redact_tokens(struct redact_text *r)
{
	mark_forms(r);
	mark_aws_secrets(r);
}
