#include "tests/unit/support/slack_fake.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define ASKED_MAX 10000
#define REQUEST_MAX (1u << 20)

struct scripted {
	struct scripted *next;
	char *method, *body;
	int status, retry_after_s;
};

struct peer {
	struct peer *next;
	struct slack_fake *fake;
	int fd;
	struct str in;
	bool waiting; /* its request is complete, the answer is held back */
	size_t asked;
	bool said;    /* the answer is there, and late */
	struct str out;
};

struct slack_fake {
	struct loop *loop;
	int fd;
	char url[64];
	struct peer *peers;
	struct scripted *script;
	slack_fake_fn *by; /* may be NULL */
	void *by_arg;
	struct slack_asked asked[ASKED_MAX];
	size_t count;
	bool hold;
};

static void end_peer(struct peer *peer)
{
	struct peer **slot = &peer->fake->peers;

	while (*slot != peer)
		slot = &(*slot)->next;
	*slot = peer->next;
	(void)loop_watch(peer->fake->loop, peer->fd, 0, NULL, NULL);
	(void)close(peer->fd);
	str_free(&peer->in);
	str_free(&peer->out);
	free(peer);
}

static struct scripted *take_script(struct slack_fake *fake, const char *method)
{
	for (struct scripted **slot = &fake->script; *slot != NULL; slot = &(*slot)->next) {
		struct scripted *found = *slot;

		if (strcmp(found->method, method) != 0)
			continue;
		*slot = found->next;
		return found;
	}
	return NULL;
}

static void say(struct slack_fake *fake, size_t asked, struct slack_said *said)
{
	struct scripted *script = take_script(fake, fake->asked[asked].method);

	if (script == NULL && fake->by != NULL) {
		fake->by(fake->by_arg, &fake->asked[asked], said);
		return;
	}
	if (script == NULL) {
		str_addf(&said->body, "{\"ok\":true,\"ts\":\"%zu.000000\"}", asked + 1);
		return;
	}
	str_add(&said->body, script->body);
	said->status = script->status;
	said->retry_after_s = script->retry_after_s;
	free(script->method);
	free(script->body);
	free(script);
}

/* Makes the answer. False: it is to be late. */
static bool make_answer(struct peer *peer)
{
	struct slack_said said = { .status = 200 };

	str_init(&peer->out, REQUEST_MAX);
	str_init(&said.body, REQUEST_MAX);
	say(peer->fake, peer->asked, &said);
	peer->said = true;
	if (said.status != 0)
		str_addf(&peer->out, "HTTP/1.1 %d Said\r\nConnection: close\r\nContent-Type: application/json\r\n"
		         "Content-Length: %zu\r\n", said.status, said.body.length);
	if (said.status != 0 && said.retry_after_s > 0)
		str_addf(&peer->out, "Retry-After: %d\r\n", said.retry_after_s);
	if (said.status != 0)
		str_addf(&peer->out, "\r\n%s", said.body.text);
	str_free(&said.body);
	return !said.late;
}

static void reply(struct peer *peer)
{
	if (!peer->said && !make_answer(peer))
		return;
	if (peer->out.length > 0)
		assert_int_equal(write(peer->fd, peer->out.text, peer->out.length), peer->out.length);
	end_peer(peer);
}

/* Where the body begins once the whole request is there, else NULL. */
static char *whole_body(struct str *in)
{
	char *end = strstr(in->text, "\r\n\r\n");
	char *length = end == NULL ? NULL : strcasestr(in->text, "content-length:");
	unsigned long bytes = length == NULL || length > end ? 0 : strtoul(length + 15, NULL, 10);

	return end != NULL && in->length >= (size_t)(end - in->text) + 4 + bytes ? end + 4 : NULL;
}

static void note(struct peer *peer, const char *body)
{
	struct slack_asked *asked = &peer->fake->asked[peer->fake->count];
	const char *path = strchr(peer->in.text, '/');
	size_t length = strcspn(path, " ");
	const char *method = path + length;

	while (method[-1] != '/')
		method--;
	asked->method = mem_copy_bytes(method, (size_t)(path + length - method));
	asked->head = mem_copy_bytes(peer->in.text, (size_t)(body - peer->in.text));
	asked->length = peer->in.length - (size_t)(body - peer->in.text);
	asked->body = mem_copy_bytes(body, asked->length);
	peer->asked = peer->fake->count++;
	assert_true(peer->fake->count < ASKED_MAX);
}

static void on_readable(void *arg, int fd, unsigned ready)
{
	struct peer *peer = arg;
	char bytes[65536];
	ssize_t count = read(fd, bytes, sizeof(bytes));
	const char *body;

	(void)ready;
	if (count <= 0) {
		end_peer(peer);
		return;
	}
	str_add_bytes(&peer->in, bytes, (size_t)count);
	body = whole_body(&peer->in);
	if (body == NULL || peer->waiting)
		return;
	note(peer, body);
	peer->waiting = true;
	if (!peer->fake->hold)
		reply(peer);
}

static void on_connection(void *arg, int fd, unsigned ready)
{
	struct slack_fake *fake = arg;
	struct peer *peer;
	int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)ready;
	if (accepted < 0)
		return;
	peer = mem_alloc(sizeof(*peer));
	peer->fake = fake;
	peer->fd = accepted;
	str_init(&peer->in, REQUEST_MAX);
	peer->next = fake->peers;
	fake->peers = peer;
	(void)loop_watch(fake->loop, peer->fd, LOOP_READ, on_readable, peer);
}

struct slack_fake *slack_fake_new(struct loop *loop)
{
	struct slack_fake *fake = mem_alloc(sizeof(*fake));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	fake->loop = loop;
	fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fake->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fake->fd, 128), 0);
	assert_int_equal(getsockname(fake->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d/api/", ntohs(address.sin_port));
	(void)loop_watch(loop, fake->fd, LOOP_READ, on_connection, fake);
	return fake;
}

void slack_fake_free(struct slack_fake *fake)
{
	while (fake->peers != NULL)
		end_peer(fake->peers);
	while (fake->script != NULL) {
		struct scripted *next = fake->script->next;

		free(fake->script->method);
		free(fake->script->body);
		free(fake->script);
		fake->script = next;
	}
	for (size_t i = 0; i < fake->count; i++) {
		free(fake->asked[i].method);
		free(fake->asked[i].head);
		free(fake->asked[i].body);
	}
	(void)loop_watch(fake->loop, fake->fd, 0, NULL, NULL);
	(void)close(fake->fd);
	free(fake);
}

const char *slack_fake_url(const struct slack_fake *fake)
{
	return fake->url;
}

void slack_fake_answer(struct slack_fake *fake, const char *method, int status, int retry_after_s, const char *body)
{
	struct scripted **slot = &fake->script;

	while (*slot != NULL)
		slot = &(*slot)->next;
	*slot = mem_alloc(sizeof(**slot));
	(*slot)->method = mem_copy_string(method);
	(*slot)->body = mem_copy_string(body);
	(*slot)->status = status;
	(*slot)->retry_after_s = retry_after_s;
}

void slack_fake_answer_by(struct slack_fake *fake, slack_fake_fn *by, void *arg)
{
	fake->by = by;
	fake->by_arg = arg;
}

void slack_fake_hold(struct slack_fake *fake, bool hold)
{
	struct peer *next;

	fake->hold = hold;
	for (struct peer *peer = fake->peers; peer != NULL && !hold; peer = next) {
		next = peer->next;
		if (peer->waiting)
			reply(peer);
	}
}

size_t slack_fake_count(const struct slack_fake *fake, const char *method)
{
	size_t count = 0;

	for (size_t i = 0; i < fake->count; i++)
		count += method == NULL || strcmp(fake->asked[i].method, method) == 0 ? 1 : 0;
	return count;
}

const struct slack_asked *slack_fake_asked(const struct slack_fake *fake, const char *method, size_t nth)
{
	for (size_t i = 0; i < fake->count; i++)
		if (method == NULL || strcmp(fake->asked[i].method, method) == 0)
			if (nth-- == 0)
				return &fake->asked[i];
	fail_msg("no such request of %s", method == NULL ? "any method" : method);
	return NULL;
}
