/* The listening port with TLS: certificates, their replacement, handshakes that come to nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bot/metrics.h"
#include "support/http_certs.h"
#include "support/http_served.h"

#define LONG_CHAIN 60

/* A TLS client that stays open, to see whether a reload disturbs it. */
struct tls_peer {
	struct fixture *fixture;
	SSL_CTX *context;
	SSL *ssl;
	int fd;
	int version;         /* highest it offers; 0: any */
	bool connected;
	char name[64];       /* of the certificate it was shown */
	char alpn[16];
	int status, key_type;
};

static void tls_note_certificate(struct tls_peer *peer)
{
	X509 *certificate = SSL_get0_peer_certificate(peer->ssl);
	const unsigned char *alpn;
	unsigned length;

	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, peer->name,
	                                sizeof(peer->name));
	peer->key_type = EVP_PKEY_base_id(X509_get0_pubkey(certificate));
	SSL_get0_alpn_selected(peer->ssl, &alpn, &length);
	if (length < sizeof(peer->alpn))
		memcpy(peer->alpn, alpn, length);
}

static void tls_play_connect(void *arg)
{
	struct tls_peer *peer = arg;
	static const unsigned char offers[] = "\x02h2\x08http/1.1";

	peer->context = SSL_CTX_new(TLS_client_method());
	if (peer->version != 0) {
		SSL_CTX_set_security_level(peer->context, 0);
		(void)SSL_CTX_set_max_proto_version(peer->context, peer->version);
	}
	(void)SSL_CTX_set_alpn_protos(peer->context, offers, sizeof(offers) - 1);
	peer->ssl = SSL_new(peer->context);
	peer->fd = http_raw_connect("127.0.0.1", peer->fixture->port);
	(void)SSL_set_fd(peer->ssl, peer->fd);
	(void)SSL_set_tlsext_host_name(peer->ssl, "any.example");
	peer->connected = SSL_connect(peer->ssl) == 1;
	if (peer->connected)
		tls_note_certificate(peer);
}

static void tls_play_request(void *arg)
{
	static const char request[] = GET;
	struct tls_peer *peer = arg;
	char reply[4096];
	int got;

	peer->status = 0;
	if (SSL_write(peer->ssl, request, sizeof(request) - 1) <= 0)
		return;
	got = SSL_read(peer->ssl, reply, sizeof(reply) - 1);
	if (got > 9)
		peer->status = (int)strtol(reply + 9, NULL, 10);
}

static void tls_close(struct tls_peer *peer)
{
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->context);
	(void)close(peer->fd);
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char bytes[8192];
	size_t length;

	assert_true(in != NULL && out != NULL);
	length = fread(bytes, 1, sizeof(bytes), in);
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	assert_int_equal(fclose(in) | fclose(out), 0);
}

static void serve_tls(struct fixture *fixture, struct http_certs *certs, struct http_pair *used)
{
	http_certs_make(certs);
	http_certs_issue(certs, "used", "first.example", 10, 0, used);
	served_start(fixture, (struct http_server_options){ .certificate = used->certificate,
	                                                    .key = used->key,
	                                                    .request_timeout_ms = 60000 });
}

static void tls_certificates_are_replaced_in_flight(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer before = { .fixture = fixture }, after = { .fixture = fixture };
	struct http_certs certs;
	struct http_pair used, second;
	struct err err = { 0 };

	serve_tls(fixture, &certs, &used);
	http_certs_issue(&certs, "second", "second.example", 10, 1, &second);
	http_raw_run(fixture->loop, tls_play_connect, &before);
	assert_string_equal(before.name, "first.example");
	assert_string_equal(before.alpn, "http/1.1"); /* not h2, although offered first */
	http_raw_run(fixture->loop, tls_play_request, &before);
	assert_int_equal(before.status, 200);
	copy_file(second.certificate, used.certificate); /* a P-256 key before, an RSA key now */
	copy_file(second.key, used.key);
	assert_true(http_server_reload_tls(fixture->server, &err));
	http_raw_run(fixture->loop, tls_play_connect, &after);
	assert_string_equal(after.name, "second.example");
	assert_int_equal(after.key_type, EVP_PKEY_RSA);
	http_raw_run(fixture->loop, tls_play_request, &after);
	assert_int_equal(after.status, 200);
	http_raw_run(fixture->loop, tls_play_request, &before); /* the old connection lives on */
	assert_int_equal(before.status, 200);
	tls_close(&before);
	tls_close(&after);
	http_certs_free(&certs);
}

static void wrong_certificates_are_not_taken(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer peer = { .fixture = fixture };
	struct http_certs certs;
	struct http_pair used, other;
	struct err err = { 0 };

	serve_tls(fixture, &certs, &used);
	http_certs_issue(&certs, "other", "other.example", 10, 0, &other);
	copy_file(other.key, used.key);
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "does not belong to the certificate"));
	copy_file(certs.ca_path, used.key); /* no key at all */
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "the TLS key"));
	copy_file(used.key, used.certificate);
	(void)unlink(used.key);
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "cannot read the TLS key"));
	http_raw_run(fixture->loop, tls_play_connect, &peer);
	assert_string_equal(peer.name, "first.example");
	tls_close(&peer);
	http_certs_free(&certs);
}

static void old_tls_versions_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer old = { .fixture = fixture, .version = TLS1_1_VERSION };
	struct tls_peer oldest_good = { .fixture = fixture, .version = TLS1_2_VERSION };
	struct http_certs certs;
	struct http_pair used;

	serve_tls(fixture, &certs, &used);
	http_raw_run(fixture->loop, tls_play_connect, &old);
	assert_false(old.connected);
	http_raw_run(fixture->loop, tls_play_connect, &oldest_good);
	assert_true(oldest_good.connected);
	http_raw_run(fixture->loop, tls_play_request, &oldest_good);
	assert_int_equal(oldest_good.status, 200);
	tls_close(&old);
	tls_close(&oldest_good);
	http_certs_free(&certs);
}

/* No word, half a hello, or plain HTTP instead of a handshake: closed, and no slot stays taken. */
static void handshakes_that_stall_are_ended(void **state)
{
	static const char *const hellos[] = { "", "\x16\x03\x01\x02", GET };
	struct fixture *fixture = *state;
	struct http_certs certs;
	struct http_pair used;

	http_certs_make(&certs);
	http_certs_issue(&certs, "used", "first.example", 10, 0, &used);
	served_start(fixture, (struct http_server_options){ .certificate = used.certificate,
	                                                    .key = used.key,
	                                                    .request_timeout_ms = 80 });
	for (int i = 0; i < 3; i++) {
		struct talk talk = { .fixture = fixture, .bytes = hellos[i], .want = 1 };

		served_talk(&talk);
		assert_int_equal(talk.count, 0);
		free(talk.last.body);
	}
	assert_int_equal(metrics_value("tocsin_http_connections", NULL, NULL), 0);
	http_certs_free(&certs);
}

/* A chain that no socket takes at once: the handshake goes on when the peer has read. */
static void make_chain_long(const struct http_pair *pair)
{
	FILE *file = fopen(pair->certificate, "r+");
	char pem[8192];
	size_t length;

	assert_non_null(file);
	length = fread(pem, 1, sizeof(pem), file);
	for (int i = 0; i < LONG_CHAIN; i++)
		assert_int_equal(fwrite(pem, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* What is accepted takes over the little room that the listening socket has. */
static void make_room_small(void)
{
	const int small = 1;
	int listens = 0;
	socklen_t size = sizeof(listens);

	for (int fd = 3; fd < 100; fd++)
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens)
			(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
}

static void tls_play_slow_connect(void *arg)
{
	struct tls_peer *peer = arg;
	const int small = 1;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)peer->fixture->port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->context = SSL_CTX_new(TLS_client_method());
	peer->ssl = SSL_new(peer->context);
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	(void)connect(peer->fd, (struct sockaddr *)&address, sizeof(address));
	(void)SSL_set_fd(peer->ssl, peer->fd);
	peer->connected = SSL_connect(peer->ssl) == 1;
	tls_play_request(peer);
}

static void handshakes_go_on_when_the_peer_has_read(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer peer = { .fixture = fixture };
	struct http_certs certs;
	struct http_pair used;

	http_certs_make(&certs);
	http_certs_issue(&certs, "used", "first.example", 10, 1, &used);
	make_chain_long(&used);
	served_start(fixture, (struct http_server_options){ .certificate = used.certificate, .key = used.key,
	                                                    .request_timeout_ms = 60000 });
	make_room_small();
	http_raw_run(fixture->loop, tls_play_slow_connect, &peer);
	assert_true(peer.connected);
	assert_int_equal(peer.status, 200);
	tls_close(&peer);
	http_certs_free(&certs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, served_setup, served_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tls_certificates_are_replaced_in_flight),
		TEST(wrong_certificates_are_not_taken),
		TEST(old_tls_versions_are_refused),
		TEST(handshakes_that_stall_are_ended),
		TEST(handshakes_go_on_when_the_peer_has_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
