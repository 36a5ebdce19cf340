#include "tests/unit/support/jira_fake.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define ASKED_MAX 2000
#define REQUEST_MAX (1u << 20)

struct scripted {
	struct scripted *next;
	char *what, *headers, *body;
	int status;
};

struct peer {
	struct peer *next;
	struct jira_fake *fake;
	int fd;
	struct str in;
	bool waiting; /* its request is complete, the answer is held back */
	size_t asked;
};

struct jira_fake {
	struct loop *loop;
	int fd;
	char url[64];
	struct peer *peers;
	struct scripted *script;
	struct jira_asked asked[ASKED_MAX];
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
	free(peer);
}

/* "POST /path?query" is a request of "POST /path". */
static bool is_of(const char *line, const char *what)
{
	size_t length = strcspn(line, "?");

	return what == NULL || (strlen(what) == length && strncmp(line, what, length) == 0);
}

static struct scripted *take_script(struct jira_fake *fake, const char *line)
{
	for (struct scripted **slot = &fake->script; *slot != NULL; slot = &(*slot)->next) {
		struct scripted *found = *slot;

		if (!is_of(line, found->what))
			continue;
		*slot = found->next;
		return found;
	}
	return NULL;
}

static void free_script(struct scripted *script)
{
	free(script->what);
	free(script->headers);
	free(script->body);
	free(script);
}

static void reply(struct peer *peer)
{
	struct jira_fake *fake = peer->fake;
	struct scripted *script = take_script(fake, fake->asked[peer->asked].line);
	const char *body = script == NULL ? "{\"errorMessages\":[\"not in the script\"],\"errors\":{}}" : script->body;
	const char *headers = script == NULL ? "" : script->headers;
	struct str out;

	str_init(&out, REQUEST_MAX);
	str_addf(&out, "HTTP/1.1 %d Said\r\nConnection: close\r\nContent-Length: %zu\r\n%s%s\r\n%s",
	         script == NULL ? 404 : script->status, strlen(body),
	         strstr(headers, "Content-Type:") == NULL ? "Content-Type: application/json;charset=UTF-8\r\n" : "",
	         headers, body);
	if (script == NULL || script->status != 0)
		assert_int_equal(write(peer->fd, out.text, out.length), out.length);
	if (script != NULL)
		free_script(script);
	str_free(&out);
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
	struct jira_asked *asked = &peer->fake->asked[peer->fake->count];
	const char *text = peer->in.text, *path = strchr(text, ' ') + 1;

	asked->line = mem_copy_bytes(text, (size_t)(path - text) + strcspn(path, " "));
	asked->head = mem_copy_bytes(text, (size_t)(body - text));
	asked->body = mem_copy_string(body);
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
	struct jira_fake *fake = arg;
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

struct jira_fake *jira_fake_new(struct loop *loop)
{
	struct jira_fake *fake = mem_alloc(sizeof(*fake));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	fake->loop = loop;
	fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fake->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fake->fd, 128), 0);
	assert_int_equal(getsockname(fake->fd, (struct sockaddr *)&address, &size), 0);
	(void)snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	(void)loop_watch(loop, fake->fd, LOOP_READ, on_connection, fake);
	return fake;
}

void jira_fake_free(struct jira_fake *fake)
{
	while (fake->peers != NULL)
		end_peer(fake->peers);
	while (fake->script != NULL) {
		struct scripted *next = fake->script->next;

		free_script(fake->script);
		fake->script = next;
	}
	for (size_t i = 0; i < fake->count; i++) {
		free(fake->asked[i].line);
		free(fake->asked[i].head);
		free(fake->asked[i].body);
	}
	(void)loop_watch(fake->loop, fake->fd, 0, NULL, NULL);
	(void)close(fake->fd);
	free(fake);
}

const char *jira_fake_url(const struct jira_fake *fake)
{
	return fake->url;
}

void jira_fake_answer(struct jira_fake *fake, const char *what, int status, const char *headers, const char *body)
{
	struct scripted **slot = &fake->script;

	while (*slot != NULL)
		slot = &(*slot)->next;
	*slot = mem_alloc(sizeof(**slot));
	(*slot)->what = mem_copy_string(what);
	(*slot)->headers = mem_copy_string(headers == NULL ? "" : headers);
	(*slot)->body = mem_copy_string(body);
	(*slot)->status = status;
}

size_t jira_fake_unused(const struct jira_fake *fake)
{
	size_t count = 0;

	for (const struct scripted *script = fake->script; script != NULL; script = script->next)
		count++;
	return count;
}

void jira_fake_hold(struct jira_fake *fake, bool hold)
{
	struct peer *next;

	fake->hold = hold;
	for (struct peer *peer = fake->peers; peer != NULL && !hold; peer = next) {
		next = peer->next;
		if (peer->waiting)
			reply(peer);
	}
}

size_t jira_fake_count(const struct jira_fake *fake, const char *what)
{
	size_t count = 0;

	for (size_t i = 0; i < fake->count; i++)
		count += is_of(fake->asked[i].line, what) ? 1 : 0;
	return count;
}

const struct jira_asked *jira_fake_asked(const struct jira_fake *fake, const char *what, size_t nth)
{
	for (size_t i = 0; i < fake->count; i++)
		if (is_of(fake->asked[i].line, what) && nth-- == 0)
			return &fake->asked[i];
	fail_msg("no such request: %s", what == NULL ? "any" : what);
	return NULL;
}
