#include "bot/h1.h"

#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/mem.h"

#define BLANK_MAX 8                /* bytes of empty lines forgiven before a request line */
#define BODY_KEPT ((size_t)16 << 10) /* a larger buffer is not kept while a connection idles */

/* What http_parser found in a head. */
struct framing {
	unsigned method;
	bool complete; /* it saw the end of the head */
	bool keep_alive, upgrade, chunked, has_length, http_1_0;
	uint64_t length;
};

void h1_init(struct h1 *h1, size_t max_body)
{
	memset(h1, 0, offsetof(struct h1, headers));
	h1->max_body = max_body;
}

void h1_free(struct h1 *h1)
{
	free(h1->body);
	h1->body = NULL;
	h1->body_capacity = 0;
}

void h1_next(struct h1 *h1)
{
	char *body = h1->body;
	size_t capacity = h1->body_capacity;

	if (capacity > BODY_KEPT) {
		free(body);
		body = NULL;
		capacity = 0;
	}
	h1_init(h1, h1->max_body);
	h1->body = body;
	h1->body_capacity = capacity;
}

char *h1_take_body(struct h1 *h1)
{
	char *body = h1->body;

	if (h1->body_capacity != H1_SMALL_BODY)
		return NULL;
	h1->body = NULL;
	h1->body_capacity = 0;
	return body;
}

void h1_give_body(struct h1 *h1, char *body)
{
	h1->body = body;
	h1->body_capacity = H1_SMALL_BODY;
}

bool h1_started(const struct h1 *h1)
{
	return h1->head_length > 0 || h1->blank > 0;
}

static void refuse(struct h1 *h1, int status, const char *reason)
{
	h1->state = H1_REFUSED;
	h1->status = status;
	h1->reason = reason;
	h1->keep_alive = false;
	h1->wants_continue = false;
}

/* RFC 9110, 5.6.2: tchar. */
static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       (c > ' ' && c != ':' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* RFC 9110, 5.5: field-vchar, SP, HTAB. */
static bool is_value_char(char c)
{
	return ((unsigned char)c >= ' ' && c != 0x7F) || c == '\t';
}

#define EACH_BYTE 0x0101010101010101u
#define HIGH_BITS 0x8080808080808080u

/* Of the eight bytes none is below a blank, and none is DEL. A tab is left for a closer look. */
static bool are_plain(const char *text)
{
	uint64_t eight, deleted;

	memcpy(&eight, text, sizeof(eight));
	deleted = eight ^ EACH_BYTE * 0x7F;
	return (((eight - EACH_BYTE * ' ') | (deleted - EACH_BYTE)) & ~eight & HIGH_BITS) == 0;
}

static bool is_value(const char *text, size_t length)
{
	size_t i = 0;

	while (length - i >= sizeof(uint64_t) && are_plain(text + i))
		i += sizeof(uint64_t);
	for (; i < length; i++)
		if (!is_value_char(text[i]))
			return false;
	return true;
}

static size_t token_length(const char *text)
{
	size_t length = 0;

	while (is_token_char(text[length]))
		length++;
	return length;
}

/* "METHOD SP target SP HTTP/d.d CR": single spaces and visible ASCII only. */
static bool request_line_ok(const char *line)
{
	const char *at = line + token_length(line);

	if (at == line || *at++ != ' ' || *at <= ' ')
		return false;
	while (*at > ' ' && *at < 0x7F)
		at++;
	return strncmp(at, " HTTP/", 6) == 0 && at[6] >= '0' && at[6] <= '9' && at[7] == '.' &&
	       at[8] >= '0' && at[8] <= '9' && at[9] == '\r';
}

/* Cuts "Name: value CR" into two texts. */
static bool cut_header(struct h1 *h1, size_t start, size_t carriage_return)
{
	char *line = h1->head + start;
	size_t name = token_length(line);
	size_t value = start + name + 1;
	size_t end = carriage_return;

	if (name == 0 || line[name] != ':')
		return false;
	if (!is_value(h1->head + value, end - value))
		return false;
	while (value < end && (h1->head[value] == ' ' || h1->head[value] == '\t'))
		value++;
	while (end > value && (h1->head[end - 1] == ' ' || h1->head[end - 1] == '\t'))
		end--;
	line[name] = '\0';
	h1->head[end] = '\0';
	h1->headers[h1->header_count++] = (struct h1_header){ (uint16_t)start, (uint16_t)value };
	return true;
}

/* Every header line becomes two texts in place. A folded line starts with a blank, which no name
 * does. */
static bool cut_headers(struct h1 *h1, size_t start)
{
	while (h1->head[start] != '\r') {
		const char *line_feed = memchr(h1->head + start, '\n', h1->head_length - start);
		size_t next = (size_t)(line_feed - h1->head) + 1;

		if (h1->header_count == H1_HEADERS_MAX) {
			refuse(h1, 431, "head_size");
			return false;
		}
		if (!cut_header(h1, start, next - 2)) {
			refuse(h1, 400, "malformed");
			return false;
		}
		start = next;
	}
	return true;
}

static int on_headers_complete(http_parser *parser)
{
	struct framing *framing = parser->data;

	framing->complete = true;
	framing->method = parser->method;
	framing->keep_alive = http_should_keep_alive(parser) != 0;
	framing->upgrade = parser->upgrade != 0;
	framing->chunked = (parser->flags & F_CHUNKED) != 0;
	framing->has_length = (parser->flags & F_CONTENTLENGTH) != 0;
	framing->length = framing->has_length ? parser->content_length : 0;
	framing->http_1_0 = parser->http_major == 1 && parser->http_minor == 0;
	return 0;
}

/* http_parser's opinion of the whole head: length overflow, a second Content-Length, both
 * framings at once, unknown codings. */
static void judge(struct h1 *h1, struct framing *framing)
{
	http_parser_settings settings;
	http_parser parser;
	enum http_errno problem;

	memset(framing, 0, sizeof(*framing));
	http_parser_settings_init(&settings);
	settings.on_headers_complete = on_headers_complete;
	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = framing;
	(void)http_parser_execute(&parser, &settings, h1->head, h1->head_length);
	problem = HTTP_PARSER_ERRNO(&parser);
	if (problem == HPE_INVALID_METHOD)
		refuse(h1, 501, "method");
	else if (problem == HPE_OK && framing->complete)
		return;
	else if (problem == HPE_INVALID_URL)
		refuse(h1, 400, "malformed");
	else
		refuse(h1, 400, "framing");
}

/* The target's path and query as texts in the head. `target` ends at `end`. */
static bool cut_target(struct h1 *h1, char *target, char *end)
{
	struct http_parser_url url;
	char *query;

	*end = '\0';
	h1->query = "";
	if (strchr(target, '#') != NULL)
		return false;
	if (*target != '/' && strcmp(target, "*") != 0) {
		http_parser_url_init(&url);
		if (http_parser_parse_url(target, (size_t)(end - target), 0, &url) != 0 ||
		    (url.field_set & (1u << UF_SCHEMA)) == 0)
			return false;
		if ((url.field_set & (1u << UF_PATH)) == 0) {
			h1->path = "/";
			query = strchr(target, '?');
			h1->query = query == NULL ? "" : query + 1;
			return true;
		}
		target += url.field_data[UF_PATH].off;
	}
	query = strchr(target, '?');
	if (query != NULL) {
		*query = '\0';
		h1->query = query + 1;
	}
	h1->path = target;
	return true;
}

/* Most differ in the first letter already. */
static bool is_named(const struct h1 *h1, unsigned i, const char *name)
{
	const char *other = h1->head + h1->headers[i].name;

	return (*other | 0x20) == (*name | 0x20) && strcasecmp(other, name) == 0;
}

static unsigned count_headers(const struct h1 *h1, const char *name)
{
	unsigned count = 0;

	for (unsigned i = 0; i < h1->header_count; i++)
		count += is_named(h1, i, name);
	return count;
}

/* What http_parser lets pass and HTTP does not. */
static bool semantics_ok(struct h1 *h1, const struct framing *framing, const char *version)
{
	const char *coding = h1_header(h1, "Transfer-Encoding");
	const char *expect = h1_header(h1, "Expect");
	unsigned hosts = count_headers(h1, "Host");

	if (strcmp(version, "1.1") != 0 && strcmp(version, "1.0") != 0)
		refuse(h1, 505, "version");
	else if (framing->method == HTTP_CONNECT)
		refuse(h1, 405, "method");
	else if (framing->upgrade || h1_header(h1, "Upgrade") != NULL)
		refuse(h1, 400, "upgrade");
	else if (hosts > 1 || (hosts == 0 && !framing->http_1_0))
		refuse(h1, 400, "host");
	else if (coding != NULL && (framing->http_1_0 || framing->has_length || !framing->chunked ||
	                            strcasecmp(coding, "chunked") != 0 ||
	                            count_headers(h1, "Transfer-Encoding") != 1))
		refuse(h1, 400, "framing");
	else if (framing->length > h1->max_body)
		refuse(h1, 413, "body_size");
	else if (expect != NULL && strcasecmp(expect, "100-continue") != 0)
		refuse(h1, 417, "expectation");
	return h1->state != H1_REFUSED;
}

static void start_body(struct h1 *h1, const struct framing *framing)
{
	const char *expect = h1_header(h1, "Expect");

	h1->keep_alive = framing->keep_alive;
	h1->http_1_0 = framing->http_1_0;
	h1->chunked = framing->chunked;
	h1->left = framing->length;
	h1->state = h1->chunked || h1->left > 0 ? H1_BODY : H1_READY;
	h1->wants_continue = h1->state == H1_BODY && expect != NULL && !h1->http_1_0;
	if (h1->body == NULL) {
		h1->body_capacity = H1_SMALL_BODY;
		h1->body = mem_resize(NULL, h1->body_capacity);
	}
	h1->body[0] = '\0';
}

static void parse_head(struct h1 *h1)
{
	struct framing framing;
	char *line_end, *target, *target_end;

	if (!request_line_ok(h1->head)) {
		refuse(h1, 400, "malformed");
		return;
	}
	judge(h1, &framing);
	if (h1->state == H1_REFUSED)
		return;
	line_end = memchr(h1->head, '\r', h1->head_length);
	if (!cut_headers(h1, (size_t)(line_end - h1->head) + 2))
		return;
	*line_end = '\0';
	target = strchr(h1->head, ' ');
	*target++ = '\0';
	target_end = strchr(target, ' ');
	if (!semantics_ok(h1, &framing, target_end + sizeof(" HTTP/") - 1))
		return;
	h1->method = h1->head;
	if (!cut_target(h1, target, target_end))
		refuse(h1, 400, "malformed");
	else
		start_body(h1, &framing);
}

/* RFC 9112, 2.2: an empty line or two before the request line are forgiven. */
static size_t skip_blank(struct h1 *h1, const char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length && (bytes[used] == '\r' || bytes[used] == '\n')) {
		if (bytes[used] != "\r\n"[h1->blank % 2] || h1->blank == BLANK_MAX) {
			refuse(h1, 400, "malformed");
			return used;
		}
		h1->blank++;
		used++;
	}
	if (used < length && h1->blank % 2 != 0)
		refuse(h1, 400, "malformed");
	return used;
}

/* A line of the head has ended. True when it was the empty one, after which the body begins. */
static bool end_line(struct h1 *h1)
{
	size_t start = h1->line_start, end = h1->head_length;

	h1->line_start = end;
	if (end - start >= 2 && h1->head[end - 2] == '\r')
		return end - start == 2;
	refuse(h1, 400, "malformed");
	return false;
}

/* Of the next line of the head, as much as has come. No more: what follows the head would be copied twice. */
static size_t take_line(struct h1 *h1, const char *bytes, size_t length)
{
	size_t room = H1_HEAD_MAX - h1->head_length, take = length < room ? length : room;
	const char *line_feed = memchr(bytes, '\n', take);

	if (line_feed != NULL)
		take = (size_t)(line_feed - bytes) + 1;
	memcpy(h1->head + h1->head_length, bytes, take);
	h1->head_length += take;
	if (line_feed != NULL && end_line(h1)) {
		h1->head[h1->head_length] = '\0';
		parse_head(h1);
	} else if (h1->state == H1_HEAD && h1->head_length == H1_HEAD_MAX) {
		refuse(h1, 431, "head_size");
	}
	return take;
}

static size_t feed_head(struct h1 *h1, const char *bytes, size_t length)
{
	size_t used = h1->head_length == 0 ? skip_blank(h1, bytes, length) : 0;

	while (used < length && h1->state == H1_HEAD)
		used += take_line(h1, bytes + used, length - used);
	return used;
}

static void add_body(struct h1 *h1, const char *bytes, size_t length)
{
	size_t needed = h1->body_length + length + 1;

	if (needed > h1->body_capacity) {
		size_t capacity = h1->body_capacity;

		while (capacity < needed)
			capacity *= 2;
		h1->body = mem_resize(h1->body, capacity);
		h1->body_capacity = capacity;
	}
	memcpy(h1->body + h1->body_length, bytes, length);
	h1->body_length += length;
	h1->body[h1->body_length] = '\0';
}

static size_t take_data(struct h1 *h1, const char *bytes, size_t length)
{
	size_t take = length > h1->left ? (size_t)h1->left : length;

	add_body(h1, bytes, take);
	h1->left -= take;
	return take;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static enum h1_chunk bad_chunk(struct h1 *h1)
{
	refuse(h1, 400, "framing");
	return h1->chunk;
}

static enum h1_chunk chunk_size(struct h1 *h1, char c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		h1->left = h1->left * 16 + (uint64_t)digit;
		if (h1->left > h1->max_body - h1->body_length)
			refuse(h1, 413, "body_size");
		return H1_SIZE;
	}
	if (h1->chunk == H1_SIZE_FIRST)
		return bad_chunk(h1);
	if (c == '\r')
		return H1_SIZE_LF;
	return c == ';' ? H1_EXTENSION : bad_chunk(h1);
}

static enum h1_chunk chunk_text(struct h1 *h1, char c, enum h1_chunk after_return)
{
	if (c == '\r')
		return after_return;
	return is_value_char(c) ? h1->chunk : bad_chunk(h1);
}

/* One byte of chunked framing (RFC 9112, 7.1): the state after it. */
static enum h1_chunk chunk_step(struct h1 *h1, char c)
{
	switch (h1->chunk) {
	case H1_SIZE_FIRST:
	case H1_SIZE:
		return chunk_size(h1, c);
	case H1_EXTENSION:
		return chunk_text(h1, c, H1_SIZE_LF);
	case H1_SIZE_LF:
		if (c != '\n')
			return bad_chunk(h1);
		return h1->left > 0 ? H1_DATA : H1_LINE_START;
	case H1_DATA_CR:
		return c == '\r' ? H1_DATA_LF : bad_chunk(h1);
	case H1_DATA_LF:
		return c == '\n' ? H1_SIZE_FIRST : bad_chunk(h1);
	case H1_LINE_START: /* a trailer line, not kept, or the end */
		if (c == '\r')
			return H1_LAST_LF;
		return is_token_char(c) ? H1_LINE : bad_chunk(h1);
	case H1_LINE:
		return chunk_text(h1, c, H1_LINE_LF);
	case H1_LINE_LF:
		return c == '\n' ? H1_LINE_START : bad_chunk(h1);
	case H1_LAST_LF:
		if (c != '\n')
			return bad_chunk(h1);
		h1->state = H1_READY;
		return H1_LAST_LF;
	case H1_DATA:
		break;
	}
	return bad_chunk(h1);
}

static size_t feed_chunks(struct h1 *h1, const char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length && h1->state == H1_BODY) {
		if (h1->chunk == H1_DATA) {
			used += take_data(h1, bytes + used, length - used);
			if (h1->left == 0)
				h1->chunk = H1_DATA_CR;
			continue;
		}
		if (h1->chunk == H1_EXTENSION || h1->chunk == H1_LINE ||
		    (h1->chunk == H1_SIZE && h1->left == 0))
			h1->trimmings++;
		if (h1->trimmings > H1_HEAD_MAX)
			refuse(h1, 431, "head_size");
		else
			h1->chunk = chunk_step(h1, bytes[used]);
		used++;
	}
	return used;
}

size_t h1_feed(struct h1 *h1, const char *bytes, size_t length)
{
	size_t used = 0;

	if (h1->state == H1_HEAD)
		used = feed_head(h1, bytes, length);
	if (h1->state != H1_BODY || used == length)
		return used;
	h1->wants_continue = false;
	if (h1->chunked)
		return used + feed_chunks(h1, bytes + used, length - used);
	used += take_data(h1, bytes + used, length - used);
	if (h1->left == 0)
		h1->state = H1_READY;
	return used;
}

const char *h1_header(const struct h1 *h1, const char *name)
{
	for (unsigned i = 0; i < h1->header_count; i++)
		if (is_named(h1, i, name))
			return h1->head + h1->headers[i].value;
	return NULL;
}
