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
 *   clicks COUNT GAP_MS DB FIRST             "Acknowledge" on the incidents from FIRST on
 *       -> {"result": "clicks", "ack_us": [...], "edit_us": [...], "commit_us": [...]}: to the acknowledgement, and
 *          to the next chat.update
 *   requests                              -> {"result": "requests", "count": N}
 *   record FILE                           -> {"result": "record"}; from now on each request is a line of FILE: ns,
 *       method, channel, "thread" or "channel" (where it is posted), the name "many-..." in it or "-"
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
	bool edit_wanted;
	int64_t edited_ns;
	size_t requests, slashes;
	FILE *record; /* NULL: none */
};

static bool awaited(const struct stand *stand, bool post, const char *text, size_t length)
{
	return stand->wanted != NULL && stand->seen_ns == 0 && stand->wanted_by_post == post &&
	       memmem(text, length, stand->wanted, stand->wanted_length) != NULL;
}

/* The text behind `before`, as far as it is of the letters of names, into out; "-" when there is none. */
static void find_word(const char *text, const char *before, size_t skipped, char out[64])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const char *at = strstr(text, before);
	size_t length = at == NULL ? 0 : strspn(at + skipped, letters);

	(void)snprintf(out, 64, "%.*s", length == 0 ? 1 : (int)length, length == 0 ? "-" : at + skipped);
}

static void note(struct stand *stand, const char *request, int64_t at_ns)
{
	char method[64], channel[64], name[64];

	find_word(request, "/api/", strlen("/api/"), method);
	find_word(request, "\"channel\":\"", strlen("\"channel\":\""), channel);
	/* The card of a storm names several: it is nobody's own message. */
	find_word(strstr(request, "Many alarms at once") == NULL ? request : "", "many-", 0, name);
	(void)fprintf(stand->record, "%lld %s %s %s %s\n", (long long)at_ns, method, channel,
	              strstr(request, "\"thread_ts\"") == NULL ? "channel" : "thread", name);
}

static void on_request(void *arg, const char *request, size_t length, int64_t at_ns)
{
	struct stand *stand = arg;
	const char *line_end = strchr(request, '\r'), *method = strstr(request, "chat.postMessage");
	const char *update = strstr(request, "chat.update");

	stand->requests++;
	if (stand->record != NULL)
		note(stand, request, at_ns);
	if (stand->edit_wanted && update != NULL && update < line_end) {
		stand->edit_wanted = false;
		stand->edited_ns = at_ns;
	}
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

/* --- clicks --- */

static void click_one(struct stand *stand, int64_t incident, int64_t *ack_ns, int64_t *edit_ns)
{
	char id[40], text[1200];
	int64_t sent_ns;
	int length = snprintf(id, sizeof(id), "0e8a6c3f-7c1d-4f6e-9b1b-%012zx", ++stand->slashes);

	expect(stand, false, id, (size_t)length);
	stand->edit_wanted = true;
	length = snprintf(text, sizeof(text),
		"{\"envelope_id\":\"%s\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U0BENCH002\","
		"\"username\":\"alice\",\"team_id\":\"T0BENCH001\"},\"api_app_id\":\"A0BENCH0001\",\"container\":{"
		"\"type\":\"message\",\"message_ts\":\"1700000000.000001\",\"channel_id\":\"C0BENCH001\","
		"\"is_ephemeral\":false},\"trigger_id\":\"click%zu.13.d0ad\",\"team\":{\"id\":\"T0BENCH001\"},"
		"\"channel\":{\"id\":\"C0BENCH001\",\"name\":\"alarms\"},\"actions\":[{\"type\":\"button\","
		"\"action_id\":\"ack\",\"block_id\":\"b1\",\"value\":\"%lld\",\"action_ts\":\"1700000000.%06zu\"}]},"
		"\"type\":\"interactive\",\"accepts_response_payload\":false}",
		id, stand->slashes, (long long)incident, stand->slashes);
	sent_ns = now_ns();
	slack_send(stand->slack, (unsigned)stand->slashes % slack_sockets(stand->slack), text, (size_t)length);
	while (stand->seen_ns == 0 || stand->edit_wanted) {
		slack_serve(stand->slack, 1000);
		still_patient(sent_ns, "no acknowledgement or no edit came for a click");
	}
	stand->wanted = NULL;
	*ack_ns = stand->seen_ns - sent_ns;
	*edit_ns = stand->edited_ns - sent_ns;
}

static void clicks(struct stand *stand, char **words)
{
	size_t count = (size_t)number(words[1]);
	int64_t *ack_ns = calloc(count, sizeof(*ack_ns)), *edit_ns = calloc(count, sizeof(*edit_ns));
	struct gaps gaps;

	gaps_init(&gaps, words, ALARM_BYTES);
	for (size_t i = 0; i < count; i++) {
		click_one(stand, number(words[4]) + (int64_t)i, &ack_ns[i], &edit_ns[i]);
		pass_gap(stand, &gaps);
	}
	(void)printf("{\"result\": \"clicks\", ");
	print_list("ack_us", ack_ns, count, 1000);
	(void)printf(", ");
	print_list("edit_us", edit_ns, count, 1000);
	gaps_end(&gaps);
	free(ack_ns);
	free(edit_ns);
}

/* --- what standard input says --- */

static void record(struct stand *stand, const char *file)
{
	stand->record = fopen(file, "w");
	if (stand->record == NULL)
		fail(file);
	(void)setvbuf(stand->record, NULL, _IOLBF, 0);
	(void)printf("{\"result\": \"record\"}\n");
}

static void obey(struct stand *stand, char *line)
{
	char *words[LINE_WORDS] = { NULL }, *rest = line;

	for (int i = 0; i < LINE_WORDS && rest != NULL; i++)
		words[i] = strsep(&rest, " ");
	if (strcmp(words[0], "alarms") == 0) {
		alarms(stand, words);
	} else if (strcmp(words[0], "slash") == 0) {
		slash(stand, words);
	} else if (strcmp(words[0], "clicks") == 0) {
		clicks(stand, words);
	} else if (strcmp(words[0], "record") == 0) {
		record(stand, words[1]);
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
