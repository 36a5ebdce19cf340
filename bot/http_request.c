#include <stdlib.h>
#include <string.h>

#include "bot/http_call.h"
#include "bot/mem.h"

/* A name or value that would start another header line is a mistake or an attack. */
static bool is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' && *text != '\t')
			return false;
	return true;
}

static bool add_header(struct http_call *call, const char *name, const char *value)
{
	struct str line;
	struct curl_slist *list;

	if (!is_clean(name) || !is_clean(value) || *name == '\0' || strpbrk(name, ": ;") != NULL)
		return false;
	str_init(&line, (size_t)64 << 10);
	if (*value == '\0')
		str_addf(&line, "%s;", name); /* curl's form of an empty header */
	else
		str_addf(&line, "%s: %s", name, value);
	list = line.cut ? NULL : curl_slist_append(call->headers, line.text);
	str_free(&line);
	if (list != NULL)
		call->headers = list;
	return list != NULL;
}

/* curl adds headers of its own unless told not to by "Name:". */
static void drop_header(struct http_call *call, const char *line)
{
	struct curl_slist *list = curl_slist_append(call->headers, line);

	if (list == NULL)
		mem_none_left();
	call->headers = list;
}

static bool copy_headers(struct http_call *call, const struct http_header *headers)
{
	bool has_type = false, has_agent = false;

	for (; headers != NULL && headers->name != NULL; headers++) {
		has_type = has_type || strcasecmp(headers->name, "Content-Type") == 0;
		has_agent = has_agent || strcasecmp(headers->name, "User-Agent") == 0;
		if (!add_header(call, headers->name, headers->value))
			return false;
	}
	drop_header(call, "Expect:");
	if (!has_type)
		drop_header(call, "Content-Type:");
	return has_agent || add_header(call, "User-Agent", "tocsin/" TOCSIN_VERSION);
}

/* The host of the URL, for messages; false when it is no http(s) URL. */
static bool read_url(struct http_call *call, const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL, *scheme = NULL;
	bool good;

	if (parts == NULL)
		mem_none_left();
	good = is_clean(url) &&
	       curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	       curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && *host != '\0' &&
	       curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	       (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
	call->host = mem_copy_string(good ? host : "request");
	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(parts);
	return good;
}

bool http_request_copy(struct http_call *call, const struct http_request_out *request)
{
	struct err *err = &call->early;

	call->method = mem_copy_string(request->method);
	call->url = mem_copy_string(request->url);
	if (!read_url(call, request->url))
		return err_set(err, ERR_USAGE, "not a usable http or https URL");
	if (!copy_headers(call, request->headers))
		return err_set(err, ERR_USAGE, "%s: a request header has an illegal character", call->host);
	if (strspn(request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(request->method) ||
	    *request->method == '\0')
		return err_set(err, ERR_USAGE, "%s: illegal method", call->host);
	if (request->body != NULL) {
		call->body = mem_copy_bytes(request->body, request->body_length);
		call->body_length = request->body_length;
	}
	return true;
}

char *http_form_encode(const struct http_header *pairs)
{
	struct str form;

	str_init(&form, SIZE_MAX / 2);
	for (; pairs->name != NULL; pairs++) {
		if (form.length > 0)
			str_add_char(&form, '&');
		str_add_percent(&form, pairs->name, strlen(pairs->name));
		str_add_char(&form, '=');
		str_add_percent(&form, pairs->value, strlen(pairs->value));
	}
	return str_take(&form);
}
