/*
 * stand - the two outsides of tocsin in one process with one clock: the Slack of slack.c, and the
 * SNS that posts prepared messages. Prints {"port": N}, then does what standard input says, one
 * line each, and prints one line of JSON for each. It ends when standard input does.
 *
 *   alarms COUNT GAP_MS DB PORT FILE FIRST   posts messages of FILE one at a time to 127.0.0.1:PORT
 *       -> {"result": "alarms", "post_us": [...], "reply_us": [...], "commit_us": [...]}: from the
 *          last byte of the POST to the chat.postMessage that names it, and to the 200
 *   slash COUNT GAP_MS DB                    sends slash commands, by turns on the open sockets
 *       -> {"result": "slash", "ack_us": [...], "commit_us": [...]}
 *   requests                              -> {"result": "requests", "count": N}
 *
 * In the middle of each gap it makes one commit of like size in the new file DB ("-": none): disk and
 * measurement see the same moments. FILE: blocks in pairs, the HTTP request and the name to look for
 * in the post. Each socket that opens gives {"event": "socket", "ns": CLOCK_MONOTONIC}.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commit.h"
#include "slack.h"
#include "tool.h"

#define PATIENCE_NS 10000000000
#define LINE_WORDS 7
/* About what one alarm and one command put into the journal. */
#define ALARM_BYTES 2400
#define SLASH_BYTES 500

struct stand {
	struct slack *slack;
	const char *wanted; /* the text that the awaited message must hold; NULL: none is awaited */
	size_t wanted_length;
	bool wanted_by_post;
	int64_t seen_ns;
	size_t requests, slashes;
};

static bool awaited(const struct stand *stand, bool post, const char *text, size_t length)
{
	return stand->wanted != NULL && stand->seen_ns == 0 && stand->wanted_by_post == post &&
	       memmem(text, length, stand->wanted, stand->wanted_length) != NULL;
}

static void on_request(void *arg, const char *request, size_t length, int64_t at_ns)
{
	struct stand *stand = arg;
	const char *line_end = strchr(request, '\r'), *method = strstr(request, "chat.postMessage");

	stand->requests++;
	if (method != NULL && method < line_end && awaited(stand, true, request, length))
		stand->seen_ns = at_ns;
}

static void on_message(void *arg, const char *text, size_t length, int64_t at_ns)
{
	struct stand *stand = arg;

	if (awaited(stand, false, text, length))
		stand->seen_ns = at_ns;
}

static void on_opened(void *arg, int64_t at_ns)
{
	(void)arg;
	(void)printf("{\"event\": \"socket\", \"ns\": %lld}\n", (long long)at_ns);
}

static void serve_for(struct stand *stand, int64_t ms)
{
	int64_t end_ns = now_ns() + ms * 1000000;

	for (int64_t left_ns = ms * 1000000; left_ns > 0; left_ns = end_ns - now_ns())
		slack_serve(stand->slack, (int)(left_ns / 1000000) + 1);
}

/* The commits in the gaps of one series. */
struct gaps {
	struct commit *commit; /* NULL: none */
	int64_t gap_ms, *took_ns;
	size_t count;
};

static void gaps_init(struct gaps *gaps, char **words, size_t bytes)
{
	*gaps = (struct gaps){ .gap_ms = number(words[2]) };
	gaps->took_ns = calloc((size_t)number(words[1]), sizeof(*gaps->took_ns));
	if (words[3] != NULL && strcmp(words[3], "-") != 0)
		gaps->commit = commit_open(words[3], bytes);
}

static void pass_gap(struct stand *stand, struct gaps *gaps)
{
	serve_for(stand, gaps->gap_ms / 2);
	if (gaps->commit != NULL)
		gaps->took_ns[gaps->count++] = commit_one(gaps->commit);
	serve_for(stand, gaps->gap_ms / 2);
}

static void gaps_end(struct gaps *gaps)
{
	(void)printf(", ");
	print_list("commit_us", gaps->took_ns, gaps->count, 1000);
	(void)printf("}\n");
	if (gaps->commit != NULL)
		commit_close(gaps->commit);
	free(gaps->took_ns);
}

static void expect(struct stand *stand, bool post, const char *text, size_t length)
{
	stand->wanted = text;
	stand->wanted_length = length;
	stand->wanted_by_post = post;
	stand->seen_ns = 0;
}

static void still_patient(int64_t since_ns, const char *what)
{
	if (now_ns() - since_ns < PATIENCE_NS)
		return;
	errno = ETIMEDOUT;
	fail(what);
}

/* --- alarms --- */

/* The answer's arrival; 0 while it has not come whole. */
static int64_t answered_at(int fd, struct bytes *in)
{
	size_t head, length;

	if (!receive(fd, in))
		fail("tocsin closed the connection");
	length = http_length(in, &head);
	if (length == 0)
		return 0;
	if (strncmp(in->data, "HTTP/1.1 200", 12) != 0) {
		errno = EPROTO;
		fail(in->data);
	}
	bytes_drop(in, length);
	return now_ns();
}

static void post_one(struct stand *stand, int fd, const struct block *pair, int64_t *post_ns, int64_t *reply_ns)
{
	struct bytes in = { NULL, 0, 0 };
	int64_t sent_ns, replied_ns = 0;

	expect(stand, true, pair[1].data, pair[1].length);
	send_all(fd, pair[0].data, pair[0].length);
	sent_ns = now_ns();
	while (replied_ns == 0 || stand->seen_ns == 0) {
		slack_serve(stand->slack, 1000);
		if (replied_ns == 0)
			replied_ns = answered_at(fd, &in);
		still_patient(sent_ns, "no chat.postMessage came for an alarm");
	}
	*post_ns = stand->seen_ns - sent_ns;
	*reply_ns = replied_ns - sent_ns;
	stand->wanted = NULL;
	free(in.data);
}

static void alarms(struct stand *stand, char **words)
{
	size_t blocks, first = (size_t)number(words[6]), count = (size_t)number(words[1]);
	struct block *all = read_blocks(words[5], &blocks);
	int64_t *post_ns = calloc(count, sizeof(*post_ns)), *reply_ns = calloc(count, sizeof(*reply_ns));
	int fd = connect_to((int)number(words[4]));
	struct gaps gaps;

	if (2 * (first + count) > blocks) {
		errno = ERANGE;
		fail(words[5]);
	}
	gaps_init(&gaps, words, ALARM_BYTES);
	slack_wake_for(stand->slack, fd);
	for (size_t i = 0; i < count; i++) {
		post_one(stand, fd, &all[2 * (first + i)], &post_ns[i], &reply_ns[i]);
		pass_gap(stand, &gaps);
	}
	slack_forget(stand->slack, fd);
	(void)close(fd);
	(void)printf("{\"result\": \"alarms\", ");
	print_list("post_us", post_ns, count, 1000);
	(void)printf(", ");
	print_list("reply_us", reply_ns, count, 1000);
	gaps_end(&gaps);
	free(post_ns);
	free(reply_ns);
	free(all);
}

/* --- slash commands --- */

static int64_t slash_one(struct stand *stand)
{
	char id[40], text[1200];
	int64_t sent_ns;
	int length;

	length = snprintf(id, sizeof(id), "0e8a6c3f-7c1d-4f6e-9b1a-%012zx", ++stand->slashes);
	expect(stand, false, id, (size_t)length);
	length = snprintf(text, sizeof(text),
		"{\"envelope_id\":\"%s\",\"payload\":{\"token\":\"bHKJ2n9AW6Ju3MjciOHfbA1b\",\"team_id\":\"T0BENCH001\","
		"\"team_domain\":\"bench\",\"channel_id\":\"C0BENCH001\",\"channel_name\":\"alarms\","
		"\"user_id\":\"U0BENCH002\",\"user_name\":\"alice\",\"command\":\"\\/tocsin\",\"text\":\"ping\","
		"\"api_app_id\":\"A0BENCH0001\",\"is_enterprise_install\":\"false\",\"response_url\":"
		"\"http:\\/\\/127.0.0.1:%d\\/commands\\/T0BENCH001\\/%zu\\/x8YpQm7b\",\"trigger_id\":\"%zu.13.d0ad\"},"
		"\"type\":\"slash_commands\",\"accepts_response_payload\":true}",
		id, slack_port(stand->slack), stand->slashes, stand->slashes);
	sent_ns = now_ns();
	slack_send(stand->slack, (unsigned)stand->slashes % slack_sockets(stand->slack), text, (size_t)length);
	while (stand->seen_ns == 0) {
		slack_serve(stand->slack, 1000);
		still_patient(sent_ns, "no acknowledgement came for a slash command");
	}
	stand->wanted = NULL;
	return stand->seen_ns - sent_ns;
}

static void slash(struct stand *stand, char **words)
{
	size_t count = (size_t)number(words[1]);
	int64_t *ack_ns = calloc(count, sizeof(*ack_ns));
	struct gaps gaps;

	if (slack_sockets(stand->slack) == 0) {
		errno = ENOTCONN;
		fail("slash");
	}
	gaps_init(&gaps, words, SLASH_BYTES);
	for (size_t i = 0; i < count; i++) {
		ack_ns[i] = slash_one(stand);
		pass_gap(stand, &gaps);
	}
	(void)printf("{\"result\": \"slash\", ");
	print_list("ack_us", ack_ns, count, 1000);
	gaps_end(&gaps);
	free(ack_ns);
}

/* --- what standard input says --- */

static void obey(struct stand *stand, char *line)
{
	char *words[LINE_WORDS] = { NULL }, *rest = line;

	for (int i = 0; i < LINE_WORDS && rest != NULL; i++)
		words[i] = strsep(&rest, " ");
	if (strcmp(words[0], "alarms") == 0) {
		alarms(stand, words);
	} else if (strcmp(words[0], "slash") == 0) {
		slash(stand, words);
	} else if (strcmp(words[0], "requests") == 0) {
		(void)printf("{\"result\": \"requests\", \"count\": %zu}\n", stand->requests);
	} else {
		errno = EINVAL;
		fail(words[0]);
	}
}

static bool read_orders(struct bytes *in)
{
	char part[4096];
	ssize_t got = read(STDIN_FILENO, part, sizeof(part));

	if (got < 0 && errno == EAGAIN)
		return true;
	if (got <= 0)
		return false;
	bytes_add(in, part, (size_t)got);
	return true;
}

int main(void)
{
	struct stand stand = { .slack = NULL };
	const struct slack_ears ears = { on_request, on_message, on_opened, &stand };
	struct bytes in = { NULL, 0, 0 };
	bool open = true;

	stand.slack = slack_new(&ears);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)printf("{\"port\": %d}\n", slack_port(stand.slack));
	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0)
		fail("standard input");
	slack_wake_for(stand.slack, STDIN_FILENO);
	while (open) {
		char *end;

		slack_serve(stand.slack, 1000);
		open = read_orders(&in);
		while (in.length > 0 && (end = memchr(in.data, '\n', in.length)) != NULL) {
			*end = '\0';
			obey(&stand, in.data);
			bytes_drop(&in, (size_t)(end - in.data) + 1);
		}
	}
	return 0;
}
