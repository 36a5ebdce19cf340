#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/http_call.h"
#include "bot/loop.h"
#include "bot/mem.h"

#define CONNECT_TIMEOUT_MS 10000L
#define CONNECTION_IDLE_MAX_S 60L       /* older ones may be gone without a word (NAT) */
#define ANSWER_HEAD_MAX ((size_t)64 << 10)
#define RETRY_AFTER_MAX_S 86400
/* Credentials of the machine or the container: an address of this host, never of a proxy's. */
#define NEVER_BY_PROXY "169.254.0.0/16,fd00:ec2::/32"

static int status_of(const struct http_call *call)
{
	long status = 0;

	(void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* Pieces are told from the loop: whoever is told may want something of curl, which must not be entered from here. */
static void tell_soon(struct http_call *call)
{
	int status = status_of(call);

	if (call->piece == NULL || call->telling || status < 200 || status > 299)
		return;
	call->telling = true;
	loop_defer(call->client->loop, http_call_tell, call);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	size_t length = size * count;

	call->body_bytes += length;
	if (call->body_bytes > call->max_answer) {
		call->too_large = true;
		return length == 0 ? 1 : 0; /* anything but `length` ends the transfer */
	}
	str_add_bytes(&call->answer, bytes, length);
	if (call->silence_ms > 0)
		http_call_listen(call, call->silence_ms);
	tell_soon(call);
	return length;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	size_t length = size * count;

	call->head_complete = length <= 2 && length > 0 && bytes[length - 1] == '\n';
	call->head_bytes += length;
	if (call->first_ms > 0 || call->silence_ms > 0)
		http_call_listen(call, call->silence_ms);
	if (call->head_bytes <= ANSWER_HEAD_MAX)
		return length;
	call->too_large = true;
	return 0;
}

/*
 * Called when a connection is ready and before the first byte of the request. curl 7.88 sends a
 * request again on a new connection when a reused one dies before any answer (Curl_retry_request
 * in lib/transfer.c), and passes here again: that is where a second copy is stopped.
 */
static int on_ready(void *arg, char *peer, char *self, int peer_port, int own_port)
{
	struct http_call *call = arg;

	(void)peer;
	(void)self;
	(void)peer_port;
	(void)own_port;
	if (call->handed && !call->idempotent) {
		call->resend_refused = true;
		return CURL_PREREQFUNC_ABORT;
	}
	call->handed = true;
	return CURL_PREREQFUNC_OK;
}

#ifdef TOCSIN_CRASH_POINTS
/* Called right after curl has written bytes: the kill point wants the moment between that and
 * the peer's answer. */
static int on_trace(CURL *easy, curl_infotype type, char *bytes, size_t length, void *arg)
{
	struct http_call *call = arg;
	bool is_head = type == CURLINFO_HEADER_OUT;

	(void)easy;
	(void)bytes;
	if (!call->handed || (!is_head && type != CURLINFO_DATA_OUT))
		return 0;
	if (!is_head)
		call->sent_bytes += length;
	if (call->sent_bytes == call->body_length && (!is_head || call->body_length == 0))
		CRASH_POINT("http_client.sent");
	return 0;
}

static void trace(struct http_call *call)
{
	call->sent_bytes = 0;
	curl_easy_setopt(call->easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(call->easy, CURLOPT_DEBUGFUNCTION, on_trace);
	curl_easy_setopt(call->easy, CURLOPT_DEBUGDATA, call);
}
#else
static void trace(struct http_call *call)
{
	(void)call;
}
#endif

static void set_method(struct http_call *call)
{
	CURL *easy = call->easy;
	bool posts = strcmp(call->method, "POST") == 0 || strcmp(call->method, "PUT") == 0 ||
	             strcmp(call->method, "PATCH") == 0;

	if (strcmp(call->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (call->body != NULL || posts) { /* without a body: Content-Length: 0 */
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body == NULL ? "" : call->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
	}
	if (strcmp(call->method, "HEAD") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_network(struct http_call *call)
{
	const struct http_client *client = call->client;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* The loop does not wait for a resolver thread whose call has ended. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CONNECTION_IDLE_MAX_S);
	if (client->connect_to_list != NULL)
		curl_easy_setopt(easy, CURLOPT_CONNECT_TO, client->connect_to_list);
	/* "" also keeps curl from reading the environment's proxies. */
	curl_easy_setopt(easy, CURLOPT_PROXY, client->proxy);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, NEVER_BY_PROXY);
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (client->ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else the system's would be trusted too */
	}
}

void http_try_prepare(struct http_call *call)
{
	CURL *easy = call->easy;

	call->handed = call->resend_refused = call->too_large = call->head_complete = false;
	call->telling = false;
	call->head_bytes = call->body_bytes = 0;
	call->problem[0] = '\0';
	str_clear(&call->answer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->problem);
	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* a signature may cover the path */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	set_method(call);
	set_network(call);
	trace(call);
}

/* curl's own words hold host names, addresses and ports, never a path, a header or a body. Some
 * quote the peer: only plain characters pass. */
static void clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			*text = '?';
}

void http_try_failed(const struct http_call *call, CURLcode code, struct err *err)
{
	const char *problem = call->problem[0] != '\0' ? call->problem : curl_easy_strerror(code);
	enum err_kind kind = call->handed || call->maybe_sent ? ERR_UNKNOWN : ERR_RETRY;

	if (call->too_large) {
		if (call->idempotent || kind != ERR_UNKNOWN)
			kind = ERR_REFUSED;
		(void)err_set(err, kind, "%s: the answer is larger than %zu bytes", call->host, call->max_answer);
		return;
	}
	if (call->resend_refused)
		problem = "the connection was closed before an answer came";
	else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR)
		kind = kind == ERR_UNKNOWN ? ERR_UNKNOWN : ERR_REFUSED;
	/* CURLE_SSL_CACERT_BADFILE and CURLE_OUT_OF_MEMORY may be a want of descriptors, which passes. */
	else if (code == CURLE_URL_MALFORMAT || (code == CURLE_UNSUPPORTED_PROTOCOL && !call->handed))
		kind = ERR_USAGE;
	(void)err_set(err, kind, "%s: %s", call->host, problem);
	clean(err->text);
}

void http_try_timed_out(const struct http_call *call, struct err *err)
{
	bool maybe = call->maybe_sent || (call->state == HTTP_CALL_RUNNING && call->handed);
	int64_t now_ms = clock_mono_ms(), ms = now_ms - call->started_ms;
	const char *what = call->state == HTTP_CALL_QUEUED ? "no free connection" :
	                   maybe                           ? "no answer" :
	                                                     "no connection";

	if (call->head_bytes > 0 && now_ms < call->deadline_ms) {
		(void)err_set(err, ERR_UNKNOWN, "%s: silent for %lld ms in the middle of its answer", call->host,
		              (long long)call->silence_ms);
		return;
	}
	(void)err_set(err, maybe ? ERR_UNKNOWN : ERR_RETRY, "%s: %s within %lld ms", call->host, what,
	              (long long)ms);
}

static const char *header(CURL *easy, const char *name)
{
	struct curl_header *found;

	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return NULL;
	return found->value;
}

const char *http_answer_header(const struct http_answer *answer, const char *name)
{
	return answer->call == NULL ? NULL : header(answer->call->easy, name);
}

char *http_answer_take(const struct http_answer *answer)
{
	return str_take(&answer->call->answer);
}

static int64_t parse_date_ms(const char *text)
{
	time_t seconds = text == NULL ? -1 : curl_getdate(text, NULL);

	return seconds < 0 ? 0 : (int64_t)seconds * 1000;
}

/* RFC 9110, 10.2.3: seconds or a date. */
static int64_t parse_retry_after_ms(const char *text)
{
	char *end;
	long seconds;
	int64_t date_ms;

	if (text == NULL)
		return 0;
	if (*text >= '0' && *text <= '9') {
		seconds = strtol(text, &end, 10);
		return *end == '\0' && seconds <= RETRY_AFTER_MAX_S ? (int64_t)seconds * 1000 : 0;
	}
	date_ms = parse_date_ms(text) - clock_true_ms();
	return date_ms > 0 && date_ms <= (int64_t)RETRY_AFTER_MAX_S * 1000 ? date_ms : 0;
}

bool http_try_is_whole(const struct http_call *call)
{
	return call->head_complete && status_of(call) >= 200;
}

void http_try_answer(struct http_call *call, struct http_answer *answer)
{
	const char *content_type = header(call->easy, "Content-Type");

	*answer = (struct http_answer){
		.status = status_of(call),
		.body = call->answer.text,
		.body_length = call->answer.length,
		.content_type = content_type == NULL ? "" : content_type,
		.retry_after_ms = parse_retry_after_ms(header(call->easy, "Retry-After")),
		.date_ms = parse_date_ms(header(call->easy, "Date")),
		.took_ms = clock_mono_ms() - call->started_ms,
		.call = call,
	};
}
