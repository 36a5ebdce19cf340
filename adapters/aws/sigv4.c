#include "adapters/aws/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bot/http_client.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_CANONICAL ((size_t)1 << 20)
#define ALGORITHM "AWS4-HMAC-SHA256"
#define HASH_SIZE 32u

/* --- hashes --- */

static void to_hex(const unsigned char *bytes, char out[SIGV4_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * HASH_SIZE] = '\0';
}

static void hash_bytes(const void *bytes, size_t length, unsigned char out[HASH_SIZE])
{
	if (EVP_Digest(bytes, length, out, NULL, EVP_sha256(), NULL) != 1)
		mem_none_left();
}

void sigv4_hash(const void *bytes, size_t length, char out[SIGV4_HEX_SIZE])
{
	unsigned char hash[HASH_SIZE];

	hash_bytes(bytes, length, hash);
	to_hex(hash, out);
}

static void hmac(const void *key, size_t key_length, const char *text, unsigned char out[HASH_SIZE])
{
	if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)text, strlen(text), out, NULL) == NULL)
		mem_none_left();
}

void sigv4_date(int64_t wall_ms, char out[SIGV4_DATE_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm) == 0)
		memcpy(out, "19700101T000000Z", SIGV4_DATE_SIZE); /* a clock beyond the year 9999 */
}

/* --- path --- */

/* Appends a segment as RFC 3986, 5.2.4 does: "." is nothing, ".." takes the last one away. */
static void add_segment(struct str *out, const char *segment, size_t length)
{
	if (length == 0 || (length == 1 && segment[0] == '.'))
		return;
	if (length == 2 && segment[0] == '.' && segment[1] == '.') {
		while (out->length > 0 && out->text[--out->length] != '/')
			continue;
		out->text[out->length] = '\0';
		return;
	}
	str_add_char(out, '/');
	str_add_bytes(out, segment, length);
}

/* Without empty, "." and ".." segments; a slash at the end stays. */
static void normalize(const char *path, struct str *out)
{
	size_t total = strlen(path);
	const char *at = path;

	while (*at != '\0') {
		size_t length = strcspn(at, "/");

		add_segment(out, at, length);
		at += length + (at[length] == '/');
	}
	if (out->length == 0 || path[total - 1] == '/')
		str_add_char(out, '/');
}

/* Every byte but the unreserved and '/' is encoded: for a path that is encoded already, twice. */
static void add_path(const struct sigv4_request *request, struct str *out)
{
	const char *path = *request->path == '\0' ? "/" : request->path;
	struct str clean;
	const char *at;

	str_init(&clean, MAX_CANONICAL);
	if (request->raw_path)
		str_add(&clean, path);
	else
		normalize(path, &clean);
	for (at = clean.text; *at != '\0';) {
		size_t length = strcspn(at, "/");

		str_add_percent(out, at, length);
		at += length;
		if (*at == '/') {
			str_add_char(out, '/');
			at++;
		}
	}
	str_free(&clean);
}

/* --- query --- */

struct pair {
	char *name, *value; /* encoded */
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is encoded already stays so, in the canonical spelling. */
static char *encode_again(const char *text, size_t length)
{
	struct str plain, encoded;

	str_init(&plain, MAX_CANONICAL);
	str_init(&encoded, MAX_CANONICAL);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%' && i + 2 < length && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
			str_add_char(&plain, (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
			i += 2;
		} else {
			str_add_char(&plain, text[i]);
		}
	}
	str_add_percent(&encoded, plain.text, plain.length);
	str_free(&plain);
	return str_take(&encoded);
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : strcmp(left->value, right->value);
}

static size_t split_query(const char *query, struct pair **pairs)
{
	size_t count = 0, room = 1;

	for (const char *at = query; *at != '\0'; at++)
		room += *at == '&';
	*pairs = mem_alloc(room * sizeof(**pairs));
	for (const char *at = query; *at != '\0';) {
		size_t length = strcspn(at, "&"), name = strcspn(at, "&=");

		if (length > 0) {
			(*pairs)[count].name = encode_again(at, name);
			(*pairs)[count].value = name < length ? encode_again(at + name + 1, length - name - 1) :
			                                        mem_copy_string("");
			count++;
		}
		at += length + (at[length] == '&');
	}
	return count;
}

static void add_query(const char *query, struct str *out)
{
	struct pair *pairs;
	size_t count;

	if (query == NULL)
		return;
	count = split_query(query, &pairs);
	qsort(pairs, count, sizeof(*pairs), compare_pairs);
	for (size_t i = 0; i < count; i++) {
		str_addf(out, "%s%s=%s", i > 0 ? "&" : "", pairs[i].name, pairs[i].value);
		free(pairs[i].name);
		free(pairs[i].value);
	}
	free(pairs);
}

/* --- headers --- */

bool sigv4_is_signed(const char *header)
{
	static const char *const altered[] = { "connection", "expect", "keep-alive", "te", "trailer",
		"transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id", "authorization" };

	for (size_t i = 0; i < sizeof(altered) / sizeof(altered[0]); i++)
		if (strcasecmp(header, altered[i]) == 0)
			return false;
	return strncasecmp(header, "proxy-", 6) != 0;
}

struct line {
	const struct http_header *header;
	size_t position; /* equal names keep their order */
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;
	int order = strcasecmp(left->header->name, right->header->name);

	return order != 0 ? order : left->position < right->position ? -1 : 1;
}

static size_t sorted_lines(const struct sigv4_request *request, struct line **lines)
{
	size_t all = 0, count = 0;

	while (request->headers[all].name != NULL)
		all++;
	*lines = mem_alloc((all + 1) * sizeof(**lines));
	for (size_t i = 0; i < all; i++)
		if (sigv4_is_signed(request->headers[i].name))
			(*lines)[count++] = (struct line){ &request->headers[i], i };
	qsort(*lines, count, sizeof(**lines), compare_lines);
	return count;
}

static void add_lower(struct str *out, const char *text)
{
	for (; *text != '\0'; text++)
		str_add_char(out, *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text);
}

/* Without white space at the ends; runs of it within are one space. */
static void add_value(struct str *out, const char *value)
{
	static const char space[] = " \t\r\n";

	value += strspn(value, space);
	while (*value != '\0') {
		size_t length = strcspn(value, space);

		str_add_bytes(out, value, length);
		value += length;
		value += strspn(value, space);
		if (*value != '\0')
			str_add_char(out, ' ');
	}
}

static bool same_name(const struct line *a, const struct line *b)
{
	return strcasecmp(a->header->name, b->header->name) == 0;
}

static void add_headers(const struct sigv4_request *request, struct str *out)
{
	struct line *lines;
	size_t count = sorted_lines(request, &lines);

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && same_name(&lines[i - 1], &lines[i])) {
			str_add_char(out, ',');
		} else {
			if (i > 0)
				str_add_char(out, '\n');
			add_lower(out, lines[i].header->name);
			str_add_char(out, ':');
		}
		add_value(out, lines[i].header->value);
	}
	str_add_char(out, '\n');
	free(lines);
}

void sigv4_signed_headers(const struct sigv4_request *request, struct str *out)
{
	struct line *lines;
	size_t count = sorted_lines(request, &lines);

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && same_name(&lines[i - 1], &lines[i]))
			continue;
		if (i > 0)
			str_add_char(out, ';');
		add_lower(out, lines[i].header->name);
	}
	free(lines);
}

/* --- stages --- */

void sigv4_canonical_request(const struct sigv4_request *request, struct str *out)
{
	str_addf(out, "%s\n", request->method);
	add_path(request, out);
	str_add_char(out, '\n');
	add_query(request->query, out);
	str_add_char(out, '\n');
	add_headers(request, out);
	str_add_char(out, '\n');
	sigv4_signed_headers(request, out);
	str_addf(out, "\n%s", request->body_hash);
}

static void add_scope(const struct sigv4_scope *scope, struct str *out)
{
	str_addf(out, "%.8s/%s/%s/aws4_request", scope->date, scope->region, scope->service);
}

void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request, struct str *out)
{
	char hash[SIGV4_HEX_SIZE];

	sigv4_hash(canonical_request, strlen(canonical_request), hash);
	str_addf(out, ALGORITHM "\n%s\n", scope->date);
	add_scope(scope, out);
	str_addf(out, "\n%s", hash);
}

static void wipe(struct str *s)
{
	explicit_bzero(s->text, s->length);
	str_free(s);
}

static void derive(struct sigv4_key *key, const char *secret)
{
	unsigned char bytes[HASH_SIZE];
	struct str start;

	str_init(&start, MAX_CANONICAL);
	str_addf(&start, "AWS4%s", secret);
	hmac(start.text, start.length, key->date, bytes);
	hmac(bytes, HASH_SIZE, key->region, bytes);
	hmac(bytes, HASH_SIZE, key->service, bytes);
	hmac(bytes, HASH_SIZE, "aws4_request", key->bytes);
	explicit_bzero(bytes, sizeof(bytes));
	wipe(&start);
}

static const struct sigv4_key *key_for(struct sigv4_keys *keys, const struct sigv4_scope *scope,
                                       const char *key_id, const char *secret)
{
	struct sigv4_key wanted = { 0 };

	(void)snprintf(wanted.key_id, sizeof(wanted.key_id), "%s", key_id);
	(void)snprintf(wanted.date, sizeof(wanted.date), "%.8s", scope->date);
	(void)snprintf(wanted.region, sizeof(wanted.region), "%s", scope->region);
	(void)snprintf(wanted.service, sizeof(wanted.service), "%s", scope->service);
	hash_bytes(secret, strlen(secret), wanted.secret_hash);
	for (size_t i = 0; i < SIGV4_KEYS; i++)
		if (memcmp(&keys->items[i], &wanted, offsetof(struct sigv4_key, bytes)) == 0)
			return &keys->items[i];
	derive(&wanted, secret);
	keys->derived++;
	keys->items[keys->next] = wanted;
	explicit_bzero(&wanted, sizeof(wanted));
	keys->next = (keys->next + 1) % SIGV4_KEYS;
	return &keys->items[(keys->next + SIGV4_KEYS - 1) % SIGV4_KEYS];
}

void sigv4_signature(struct sigv4_keys *keys, const struct sigv4_scope *scope, const char *key_id,
                     const char *secret, const char *string_to_sign, char out[SIGV4_HEX_SIZE])
{
	unsigned char bytes[HASH_SIZE];

	hmac(key_for(keys, scope, key_id, secret)->bytes, HASH_SIZE, string_to_sign, bytes);
	to_hex(bytes, out);
}

void sigv4_keys_clear(struct sigv4_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

void sigv4_authorization(struct sigv4_keys *keys, const struct sigv4_request *request,
                         const struct sigv4_scope *scope, const char *key_id, const char *secret,
                         struct str *out)
{
	char signature[SIGV4_HEX_SIZE];
	struct str canonical, to_sign;

	str_init(&canonical, MAX_CANONICAL);
	str_init(&to_sign, 1024);
	sigv4_canonical_request(request, &canonical);
	sigv4_string_to_sign(scope, canonical.text, &to_sign);
	sigv4_signature(keys, scope, key_id, secret, to_sign.text, signature);
	str_addf(out, ALGORITHM " Credential=%s/", key_id);
	add_scope(scope, out);
	str_add(out, ", SignedHeaders=");
	sigv4_signed_headers(request, out);
	str_addf(out, ", Signature=%s", signature);
	wipe(&canonical);
	wipe(&to_sign);
}
