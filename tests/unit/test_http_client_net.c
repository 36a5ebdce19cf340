/* What lies between a call and its peer: certificates, proxies, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bot/http_server.h"
#include "bot/loop.h"
#include "support/http_called.h"
#include "support/http_certs.h"

static void on_request(void *arg, const struct http_request_in *request,
                       struct http_exchange *exchange)
{
	(void)arg;
	http_reply(exchange, 200, "text/plain", request->body, request->body_length);
}

struct tls_case {
	const char *host; /* in the URL; led to the server by connect_to */
	const char *name; /* in the certificate */
	int days;
	bool other_ca;
	enum err_kind kind;
};

static void run_tls_case(struct fixture *fixture, struct http_certs *certs,
                         const struct tls_case *tls)
{
	struct http_pair pair;
	struct http_server *server;
	struct http_server_options server_options = { .address = "127.0.0.1" };
	char mapping[128], url[128];
	const char *connect_to[] = { mapping, NULL };
	struct err err = { 0 };
	struct outcome outcome;

	http_certs_issue(certs, "server", tls->name, tls->days, 0, &pair);
	server_options.certificate = pair.certificate;
	server_options.key = pair.key;
	server = http_server_new(fixture->loop, &server_options, on_request, NULL, &err);
	assert_non_null(server);
	(void)snprintf(mapping, sizeof(mapping), "%s:443:127.0.0.1:%d", tls->host,
	               http_server_port(server));
	(void)snprintf(url, sizeof(url), "https://%s/", tls->host);
	called_client(fixture, (struct http_client_options){ .connect_to = connect_to,
		.ca_file = tls->other_ca ? certs->other_ca_path : certs->ca_path });
	for (int i = 0; i < 2; i++) { /* the second over the same connection */
		outcome = CALL(.method = "POST", .url = url, .body = "hi", .body_length = 2);
		print_message("%s\n", outcome.text);
		assert_int_equal(outcome.kind, tls->kind);
		if (tls->kind == ERR_NONE)
			assert_string_equal(outcome.body, "hi");
	}
	http_client_free(fixture->client);
	fixture->client = NULL;
	http_server_free(server);
}

static void certificates_are_checked(void **state)
{
	static const struct tls_case cases[] = {
		{ "a.example", "a.example", 10, false, ERR_NONE },
		{ "a.example", "b.example", 10, false, ERR_REFUSED },
		{ "a.example", "a.example", -1, false, ERR_REFUSED },
		{ "a.example", "a.example", 10, true, ERR_REFUSED },
	};
	struct fixture *fixture = *state;
	struct http_certs certs;

	http_certs_make(&certs);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_tls_case(fixture, &certs, &cases[i]);
	http_certs_free(&certs);
}

/* It may be under way to its place. */
static void a_missing_ca_file_may_come(void **state)
{
	static const struct tls_case tls = { "a.example", "a.example", 10, false, ERR_RETRY };
	struct fixture *fixture = *state;
	struct http_certs certs;

	http_certs_make(&certs);
	(void)snprintf(certs.ca_path, sizeof(certs.ca_path), "%s/missing.pem", certs.directory);
	run_tls_case(fixture, &certs, &tls);
	http_certs_free(&certs);
}

static void serve_garbage(struct http_peer *peer, int fd, int number)
{
	char bytes[16];

	(void)peer;
	(void)number;
	if (recv(fd, bytes, sizeof(bytes), 0) > 0)
		(void)http_raw_send_text(fd, "this is no TLS at all");
}

/* So many descriptors are left, from none on, until they suffice for a connection. */
static void a_want_of_descriptors_passes(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit usual, scarce;
	struct http_certs certs;
	struct outcome outcome = { 0 };
	char url[64];
	int next;

	http_certs_make(&certs);
	called_peer(fixture, serve_garbage, NULL);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", fixture->peer.port);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	for (rlim_t left = 0; strstr(outcome.text, "SSL") == NULL || strstr(outcome.text, "CAfile") != NULL; left++) {
		called_client(fixture, (struct http_client_options){ .ca_file = certs.ca_path });
		next = dup(STDOUT_FILENO);
		assert_true(next >= 0 && left < 16);
		(void)close(next);
		scarce = (struct rlimit){ (rlim_t)next + left, usual.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &scarce), 0);
		outcome = CALL(.method = "POST", .url = url, .timeout_ms = 300);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
		print_message("%d left: %s\n", (int)left, outcome.text);
		assert_int_equal(outcome.kind, ERR_RETRY);
		http_client_free(fixture->client);
		fixture->client = NULL;
	}
	http_certs_free(&certs);
}

static void failed_handshakes_may_be_tried_again(void **state)
{
	struct fixture *fixture = *state;
	char url[64];

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_garbage, NULL);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", fixture->peer.port);
	assert_int_equal(CALL(.method = "POST", .url = url).kind, ERR_RETRY);
}

/* --- proxy ------------------------------------------------------------------------------- */

/* Takes CONNECT, answers it with peer->arg, and then plays the target itself. */
static void serve_proxy(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (!http_peer_read(peer, fd) || strncmp(peer->last_request, "CONNECT ", 8) != 0)
		return;
	(void)http_raw_send_text(fd, peer->arg);
	if (strncmp(peer->arg, "HTTP/1.1 200", 12) == 0 && http_peer_read(peer, fd))
		(void)http_raw_send_text(fd, OK);
}

static void proxies_are_used_by_connect(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	char proxy[64];

	called_peer(fixture, serve_proxy, "HTTP/1.1 200 Go\r\nX-Proxy: 1\r\n\r\n");
	(void)snprintf(proxy, sizeof(proxy), "http://u:p@127.0.0.1:%d", fixture->peer.port);
	called_client(fixture, (struct http_client_options){ .proxy = proxy });
	outcome = CALL(.url = "http://target.example/x");
	assert_string_equal(outcome.body, "ok");
	assert_ptr_equal(strstr(fixture->peer.last_request, "GET /x HTTP/1.1\r\n"),
	                 fixture->peer.last_request);
	assert_null(strstr(fixture->peer.last_request, "Proxy-Authorization"));
}

static void refusing_proxies_leave_nothing_sent(void **state)
{
	static const char *const refusals[] = {
		"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 502 Bad\r\nContent-Length: 5\r\n\r\nsorry",
		"nonsense\r\n\r\n",
		"",
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct outcome outcome;
		char proxy[64];

		called_peer(fixture, serve_proxy, refusals[i]);
		(void)snprintf(proxy, sizeof(proxy), "http://user:geheim@127.0.0.1:%d", fixture->peer.port);
		called_client(fixture, (struct http_client_options){ .proxy = proxy });
		outcome = CALL(.method = "POST", .url = "https://target.example/x");
		print_message("%s\n", outcome.text);
		assert_int_equal(outcome.kind, ERR_RETRY);
		assert_null(strstr(outcome.text, "geheim"));
		http_client_free(fixture->client);
		fixture->client = NULL;
		called_stop_peer(fixture);
	}
}

static void the_environment_names_no_proxy(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text, OK);
	outcome = CALL(0);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
	assert_int_equal(outcome.status, 200);
}

/* Credentials of the machine come from a link-local address: never by a proxy. */
static void link_local_addresses_bypass_the_proxy(void **state)
{
	struct fixture *fixture = *state;
	char mapping[64];
	const char *connect_to[] = { mapping, NULL };

	called_peer(fixture, called_serve_text, OK);
	(void)snprintf(mapping, sizeof(mapping), "169.254.169.254:80:127.0.0.1:%d", fixture->peer.port);
	called_client(fixture, (struct http_client_options){ .proxy = "http://127.0.0.1:1",
	                                                     .connect_to = connect_to });
	assert_int_equal(CALL(.url = "http://169.254.169.254/latest").status, 200);
}

/* --- resolve ----------------------------------------------------------------------------- */

struct resolved {
	bool done;
	unsigned count;
	int port;
	char first[64];
	enum err_kind kind;
};

static void on_resolved(void *arg, const char *const *addresses, unsigned count, int port,
                        const struct err *err)
{
	struct resolved *resolved = arg;

	resolved->done = true;
	resolved->count = count;
	resolved->port = port;
	resolved->kind = err == NULL ? ERR_NONE : err->kind;
	assert_true((count > 0) == (err == NULL));
	if (count > 0)
		(void)snprintf(resolved->first, sizeof(resolved->first), "%s", addresses[0]);
}

static struct resolved resolve(struct fixture *fixture, const char *host, int port)
{
	struct resolved resolved = { 0 };

	http_client_resolve(fixture->client, host, port, on_resolved, &resolved);
	assert_false(resolved.done);
	http_raw_run_until(fixture->loop, &resolved.done);
	assert_true(resolved.done);
	return resolved;
}

static void names_are_resolved(void **state)
{
	static const char *const connect_to[] = {
		"a.example:443:10.0.0.1:8443", "a.example::10.0.0.2:", "[2001:db8::1]:443:[::1]:1",
		"b.example:443::9443", ":7:10.0.0.3:", "LOUD.example:1:127.0.0.9:2", NULL };
	static const struct {
		const char *host;
		int port;
		const char *address;
		int mapped_port;
	} cases[] = {
		{ "127.0.0.1", 80, "127.0.0.1", 80 },
		{ "::1", 80, "::1", 80 },
		{ "a.example", 443, "10.0.0.1", 8443 },
		{ "A.Example", 80, "10.0.0.2", 80 },
		{ "2001:db8::1", 443, "::1", 1 },
		{ "anything.example", 7, "10.0.0.3", 7 },
		{ "loud.example", 1, "127.0.0.9", 2 },
		{ "127.0.0.2", 443, "127.0.0.2", 443 },
	};
	struct fixture *fixture = *state;
	struct resolved resolved;

	called_client(fixture, (struct http_client_options){ .connect_to = connect_to });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		resolved = resolve(fixture, cases[i].host, cases[i].port);
		assert_string_equal(resolved.first, cases[i].address);
		assert_int_equal(resolved.port, cases[i].mapped_port);
	}
	resolved = resolve(fixture, "localhost", 5); /* by the worker */
	assert_true(strcmp(resolved.first, "127.0.0.1") == 0 || strcmp(resolved.first, "::1") == 0);
	assert_int_equal(resolved.port, 5);
	resolved = resolve(fixture, "no-such-name.invalid", 5);
	assert_int_equal(resolved.kind, ERR_RETRY);
	assert_int_equal(resolved.count, 0);
}

static void lookups_end_with_the_client(void **state)
{
	struct fixture *fixture = *state;
	struct resolved by_worker = { 0 }, numeric = { 0 };

	called_client(fixture, (struct http_client_options){ 0 });
	http_client_resolve(fixture->client, "localhost", 1, on_resolved, &by_worker);
	http_client_resolve(fixture->client, "127.0.0.1", 1, on_resolved, &numeric);
	http_client_free(fixture->client);
	fixture->client = NULL;
	assert_int_equal(by_worker.kind, ERR_CANCELLED);
	assert_int_equal(numeric.kind, ERR_CANCELLED);
}

static void bad_connect_to_lines_are_named(void **state)
{
	static const char *const bad[] = { "",           "a:1:b",     "a:x:b:1", "a:1:b:70000",
		                               "[::1:1:b:1", "a:1:b:1:c", "a:0:b:1" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *lines[] = { bad[i], NULL };
		struct err err = { 0 };

		assert_null(http_client_new(fixture->loop,
		                            &(struct http_client_options){ .connect_to = lines }, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void forms_are_percent_encoded(void **state)
{
	static const struct http_header pairs[] = {
		{ "a b", "c&d=e" }, { "x", "" }, { "u", "\xC3\xA9~" }, { NULL, NULL }
	};
	char *form = http_form_encode(pairs);

	(void)state;
	assert_string_equal(form, "a%20b=c%26d%3De&x=&u=%C3%A9~");
	free(form);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, called_setup, called_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(certificates_are_checked),
		TEST(a_missing_ca_file_may_come),
		TEST(a_want_of_descriptors_passes),
		TEST(failed_handshakes_may_be_tried_again),
		TEST(proxies_are_used_by_connect),
		TEST(refusing_proxies_leave_nothing_sent),
		TEST(the_environment_names_no_proxy),
		TEST(link_local_addresses_bypass_the_proxy),
		TEST(names_are_resolved),
		TEST(lookups_end_with_the_client),
		TEST(bad_connect_to_lines_are_named),
		cmocka_unit_test(forms_are_percent_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
