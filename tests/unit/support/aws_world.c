#include "tests/unit/support/aws_world.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "adapters/aws/profile.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "tests/unit/support/turn.h"

#define REQUEST_MAX (4u << 20)
#define VARIABLES_MAX 32
#define STREAM (-2) /* aws_world_stream */

struct aws_world cloud;

extern char **environ;

struct scripted {
	struct scripted *next;
	char *needle, *headers, *body;
	size_t length;
	int status;
};

struct peer {
	struct peer *next;
	int fd;
	struct str in;
};

static struct {
	int fd, port;
	char url[64], home[256];
	struct peer *peers;
	struct peer *stream; /* whose answer aws_world_send goes on with */
	struct scripted *script;
	char *set[VARIABLES_MAX];
	unsigned set_count;
	char *home_before;
} hidden;

/* --- the peer --- */

static void end_peer(struct peer *peer)
{
	struct peer **slot = &hidden.peers;

	while (*slot != peer)
		slot = &(*slot)->next;
	*slot = peer->next;
	if (hidden.stream == peer)
		hidden.stream = NULL;
	(void)loop_watch(cloud.loop, peer->fd, 0, NULL, NULL);
	(void)close(peer->fd);
	str_free(&peer->in);
	free(peer);
}

static void free_scripted(struct scripted *s)
{
	free(s->needle);
	free(s->headers);
	free(s->body);
	free(s);
}

static struct scripted *take_script(const char *request)
{
	for (struct scripted **slot = &hidden.script; *slot != NULL; slot = &(*slot)->next) {
		struct scripted *found = *slot;

		if (found->needle != NULL && strstr(request, found->needle) == NULL)
			continue;
		*slot = found->next;
		return found;
	}
	return NULL;
}

static void send_answer(struct peer *peer, const struct scripted *s)
{
	struct str out;

	str_init(&out, REQUEST_MAX);
	str_addf(&out, "HTTP/1.1 %d Said\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n", s->status, s->length,
	         s->headers);
	str_add_bytes(&out, s->body, s->length);
	assert_int_equal(write(peer->fd, out.text, out.length), out.length);
	str_free(&out);
}

static void reply(struct peer *peer)
{
	struct scripted none = { .status = 404, .headers = mem_copy_string(""), .body = mem_copy_string("") };
	struct scripted *s = take_script(peer->in.text);

	if (s == NULL) {
		send_answer(peer, &none);
		end_peer(peer);
	} else if (s->status == AWS_WORLD_CUT) {
		end_peer(peer);
	} else if (s->status == STREAM) {
		static const char head[] = "HTTP/1.1 200 Said\r\nConnection: close\r\n"
			"Content-Type: application/vnd.amazon.eventstream\r\n\r\n";

		hidden.stream = peer;
		aws_world_send(head, sizeof(head) - 1);
	} else if (s->status != AWS_WORLD_SILENT) {
		send_answer(peer, s);
		end_peer(peer);
	}
	free(none.headers);
	free(none.body);
	if (s != NULL)
		free_scripted(s);
}

/* Where the body begins once the whole request is there, else NULL. */
static char *whole_body(struct str *in)
{
	char *end = strstr(in->text, "\r\n\r\n");
	char *length = end == NULL ? NULL : strcasestr(in->text, "content-length:");
	unsigned long bytes = length == NULL || length > end ? 0 : strtoul(length + 15, NULL, 10);

	return end != NULL && in->length >= (size_t)(end - in->text) + 4 + bytes ? end + 4 : NULL;
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
	if (body == NULL)
		return;
	assert_true(cloud.count < sizeof(cloud.asked) / sizeof(cloud.asked[0]));
	cloud.asked[cloud.count].head = mem_copy_bytes(peer->in.text, (size_t)(body - peer->in.text));
	cloud.asked[cloud.count++].body = mem_copy_string(body);
	reply(peer);
}

static void on_connection(void *arg, int fd, unsigned ready)
{
	struct peer *peer;
	int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)arg;
	(void)ready;
	if (accepted < 0)
		return;
	peer = mem_alloc(sizeof(*peer));
	peer->fd = accepted;
	str_init(&peer->in, REQUEST_MAX);
	peer->next = hidden.peers;
	hidden.peers = peer;
	(void)loop_watch(cloud.loop, peer->fd, LOOP_READ, on_readable, peer);
}

static void listen_now(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	hidden.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(hidden.fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(hidden.fd, 128), 0);
	assert_int_equal(getsockname(hidden.fd, (struct sockaddr *)&address, &size), 0);
	hidden.port = ntohs(address.sin_port);
	(void)snprintf(hidden.url, sizeof(hidden.url), "http://127.0.0.1:%d", hidden.port);
	(void)loop_watch(cloud.loop, hidden.fd, LOOP_READ, on_connection, NULL);
}

void aws_world_answer(const char *needle, int status, const char *headers, const char *body)
{
	aws_world_answer_bytes(needle, status, headers, body == NULL ? "" : body, body == NULL ? 0 : strlen(body));
}

void aws_world_stream(const char *needle)
{
	aws_world_answer(needle, STREAM, NULL, NULL);
}

void aws_world_send(const void *bytes, size_t length)
{
	assert_non_null(hidden.stream);
	assert_int_equal(write(hidden.stream->fd, bytes, length), length);
}

void aws_world_close(void)
{
	assert_non_null(hidden.stream);
	end_peer(hidden.stream);
}

bool aws_world_hung_up(void)
{
	return hidden.stream == NULL;
}

void aws_world_answer_bytes(const char *needle, int status, const char *headers, const void *body, size_t length)
{
	struct scripted **slot = &hidden.script;

	while (*slot != NULL)
		slot = &(*slot)->next;
	*slot = mem_alloc(sizeof(**slot));
	(*slot)->needle = mem_copy_string(needle);
	(*slot)->headers = mem_copy_string(headers == NULL ? "" : headers);
	(*slot)->body = mem_copy_bytes(body, length);
	(*slot)->length = length;
	(*slot)->status = status;
}

void aws_world_forget(void)
{
	while (cloud.count > 0) {
		free(cloud.asked[--cloud.count].head);
		free(cloud.asked[cloud.count].body);
	}
}

static bool has_come(void *count)
{
	return cloud.count >= *(size_t *)count;
}

void aws_world_until(size_t count)
{
	turn_until(cloud.loop, has_come, &count);
}

size_t aws_world_unused(void)
{
	size_t count = 0;

	for (struct scripted *s = hidden.script; s != NULL; s = s->next)
		count++;
	return count;
}

const char *aws_world_header(size_t nth, const char *name)
{
	static char values[4][8192];
	static unsigned next;
	char *value = values[next++ % 4], line[128];
	const char *found;

	assert_true(nth < cloud.count);
	(void)snprintf(line, sizeof(line), "\r\n%s:", name);
	found = strcasestr(cloud.asked[nth].head, line);
	if (found == NULL)
		return "";
	found += strlen(line);
	found += strspn(found, " ");
	(void)snprintf(value, sizeof(values[0]), "%.*s", (int)strcspn(found, "\r"), found);
	return value;
}

/* --- environment and files --- */

void aws_world_env(const char *name, const char *value)
{
	assert_true(hidden.set_count < VARIABLES_MAX);
	hidden.set[hidden.set_count++] = mem_copy_string(name);
	assert_int_equal(setenv(name, value, 1), 0);
}

static void clear_aws(void)
{
	for (char **variable = environ; *variable != NULL;) {
		char *name;

		if (!str_starts(*variable, "AWS_")) {
			variable++;
			continue;
		}
		name = mem_copy_bytes(*variable, strcspn(*variable, "="));
		(void)unsetenv(name);
		free(name);
		variable = environ;
	}
}

const char *aws_world_file(const char *path, const char *text, size_t length)
{
	static char names[4][512];
	static unsigned next;
	char *name = names[next++ % 4];
	FILE *file;

	(void)snprintf(name, sizeof(names[0]), "%s/%s", hidden.home, path);
	for (char *slash = name + strlen(hidden.home) + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
		*slash = '\0';
		(void)mkdir(name, 0700);
	}
	file = fopen(name, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	return name;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

/* --- begin and end --- */

static void keep_line(const char *line)
{
	str_addf(&cloud.log, "%s\n", line);
}

int aws_world_begin(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	memset(&cloud, 0, sizeof(cloud));
	memset(&hidden, 0, sizeof(hidden));
	clear_aws();
	hidden.home_before = mem_copy_string(getenv("HOME"));
	(void)snprintf(hidden.home, sizeof(hidden.home), "%s/tocsin-aws-XXXXXX", parent != NULL ? parent : P_tmpdir);
	assert_non_null(mkdtemp(hidden.home));
	(void)setenv("HOME", hidden.home, 1);
	str_init(&cloud.log, 1u << 20);
	log_sink(keep_line);
	metrics_reset();
	clock_set_scale(0.001);
	cloud.loop = cloud.bot.loop = turn_new_loop();
	cloud.config.aws.region = mem_copy_string("us-east-1");
	cloud.bot.config = &cloud.config;
	listen_now();
	return 0;
}

void aws_world_client(const char *const *connect_to)
{
	const struct http_client_options options = { .connect_to = connect_to };
	struct err err;

	cloud.bot.http = http_client_new(cloud.loop, &options, &err);
	assert_non_null(cloud.bot.http);
}

struct aws *aws_world_start(void)
{
	struct err err;

	if (cloud.bot.http == NULL) {
		aws_world_client(NULL);
		aws_world_env("AWS_ENDPOINT_URL", hidden.url);
		aws_world_env("AWS_ACCESS_KEY_ID", "AKIDTEST");
		aws_world_env("AWS_SECRET_ACCESS_KEY", "very-secret-key");
	}
	cloud.bot.aws = aws_new(&cloud.bot, &err);
	if (cloud.bot.aws == NULL)
		fail_msg("%s", err.text);
	return cloud.bot.aws;
}

static void free_seen(void)
{
	while (hidden.peers != NULL)
		end_peer(hidden.peers);
	while (hidden.script != NULL) {
		struct scripted *next = hidden.script->next;

		free_scripted(hidden.script);
		hidden.script = next;
	}
	aws_world_forget();
}

int aws_world_end(void **state)
{
	(void)state;
	aws_free(cloud.bot.aws);
	http_client_free(cloud.bot.http);
	free_seen();
	(void)loop_watch(cloud.loop, hidden.fd, 0, NULL, NULL);
	(void)close(hidden.fd);
	loop_free(cloud.loop);
	free(cloud.config.aws.region);
	free(cloud.config.aws.accounts);
	for (unsigned i = 0; i < hidden.set_count; i++) {
		(void)unsetenv(hidden.set[i]);
		free(hidden.set[i]);
	}
	if (hidden.home_before != NULL)
		(void)setenv("HOME", hidden.home_before, 1);
	free(hidden.home_before);
	(void)nftw(hidden.home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	log_sink(NULL);
	str_free(&cloud.log);
	clock_set_scale(1.0);
	clock_replace(NULL);
	aws_profiles_reload();
	return 0;
}

const char *aws_world_url(void)
{
	return hidden.url;
}

int aws_world_port(void)
{
	return hidden.port;
}

/* --- ends --- */

static void ended(void *arg, const struct err *err)
{
	struct aws_end *end = arg;

	end->done = true;
	end->times++;
	if (err != NULL)
		end->err = *err;
}

struct done aws_end_token(struct aws_end *end)
{
	return (struct done){ ended, end };
}

static bool is_over(void *arg)
{
	return ((struct aws_end *)arg)->done;
}

void aws_end_wait(struct aws_end *end)
{
	turn_until(cloud.loop, is_over, end);
	assert_int_equal(end->times, 1);
}

void aws_given_take(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct aws_given *given = arg;

	assert_true((credentials == NULL) == (err != NULL));
	if (credentials != NULL)
		given->credentials = aws_credentials_keep(credentials);
	ended(&given->end, err);
}

void aws_given_drop(struct aws_given *given)
{
	aws_credentials_drop(given->credentials);
	*given = (struct aws_given){ 0 };
}
