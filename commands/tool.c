/* tool.c - one call of a tool from end to end: checked, run, made safe, told; and what an answer remembers of them. */
#include "commands/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/answer_check.h"
#include "bot/bot.h"
#include "bot/evidence.h"
#include "bot/fence.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/utf8.h"
#include "bot/zone.h"
#include "commands/briefing.h"
#include "commands/dashboard_data.h"
#include "commands/tool_call.h"
#include "commands/tool_check.h"
#include "commands/tool_known.h"

#define SAID_MAX 2048
#define FOUND_MAX (4 * 1024 * 1024) /* as it is; the adapters bound what they read */
#define CLEAN_MAX (256 * 1024)
#define FENCE_ROOM 256 /* its two lines, and how much was cut */
#define PROPOSED_MAX 1000 /* bytes of a reason */
#define WHAT_MAX 80       /* characters of what was missed */

struct tool_session {
	struct tool_context context;
	struct tool_names *names;
	struct tool_proposal proposals[TOOL_PROPOSALS_MAX];
	size_t proposal_count;
	struct tool_failure failures[TOOL_FAILURES_MAX];
	size_t failure_count;
	unsigned last_number;
	char number[16];
};

enum outcome { WENT_WELL, REFUSED, FAILED };

/* Of what was found. */
struct part {
	size_t from, length;
	size_t most;    /* bytes, once it is clean */
	bool is_reason; /* the line up to there; else foreign text */
};

struct running {
	struct tool_call call; /* first */
	struct part *parts;    /* in the order of their ends */
	size_t part_count, part_capacity;
	char *tool;            /* what the model called it; foreign */
	enum outcome outcome;
	struct err err;        /* of FAILED */
	char *worded;
	char **result;
	bool *failed;
	struct done done;
};

/* --- the session --- */

struct tool_session *tool_session_new(const struct tool_context *context)
{
	struct tool_session *session = mem_alloc(sizeof(*session));

	session->context = *context;
	session->names = tool_names_new();
	tool_names_add_text(session->names, context->question, TOOL_POINTED);
	tool_known_begin(session->names, context->bot);
	return session;
}

static void free_proposal(struct tool_proposal *proposal)
{
	free(proposal->runbook);
	free(proposal->target);
	free(proposal->arguments);
	free(proposal->reason);
}

void tool_session_free(struct tool_session *session)
{
	if (session == NULL)
		return;
	for (size_t i = 0; i < session->proposal_count; i++)
		free_proposal(&session->proposals[i]);
	for (size_t i = 0; i < session->failure_count; i++) {
		free(session->failures[i].what);
		free(session->failures[i].why);
	}
	tool_names_free(session->names);
	free(session);
}

static void know_labels(struct tool_session *session, const struct metric_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		tool_known_label(session->names, result->series[i].label);
}

void tool_session_know(struct tool_session *session, const struct briefing *briefing)
{
	const struct dashboard_data *data;

	for (size_t i = 0; (data = briefing_look(briefing, i)) != NULL; i++)
		for (size_t k = 0; k < data->metric_count; k++) {
			tool_known_metric(session->names, &data->metrics[k]);
			if (data->reads != NULL)
				know_labels(session, dashboard_data_result(data, k));
		}
}

void tool_session_asked(struct tool_session *session, const char *question)
{
	tool_names_add_text(session->names, question, TOOL_KNOWN);
}

size_t tool_session_proposals(const struct tool_session *session, const struct tool_proposal **proposals)
{
	*proposals = session->proposals;
	return session->proposal_count;
}

size_t tool_session_failures(const struct tool_session *session, const struct tool_failure **failures)
{
	*failures = session->failures;
	return session->failure_count;
}

static bool is_same(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

bool tool_call_propose(struct tool_call *call, const struct tool_proposal *proposal)
{
	struct tool_session *session = call->session;
	struct tool_proposal *kept = &session->proposals[session->proposal_count];

	for (size_t i = 0; i < session->proposal_count; i++)
		if (is_same(session->proposals[i].runbook, proposal->runbook) &&
		    is_same(session->proposals[i].target, proposal->target) &&
		    is_same(session->proposals[i].arguments, proposal->arguments))
			return false;
	if (session->proposal_count == TOOL_PROPOSALS_MAX)
		return false;
	session->proposal_count++;
	kept->runbook = mem_copy_string(proposal->runbook);
	kept->target = mem_copy_string(proposal->target);
	kept->arguments = mem_copy_string(proposal->arguments);
	kept->reason = fence_clean_line(session->context.fence, proposal->reason, PROPOSED_MAX);
	answer_check_apart(session->context.check, &kept->reason);
	return true;
}

bool tool_call_knows(const struct tool_call *call, const char *name, enum tool_trust trust)
{
	return tool_names_has(call->session->names, name, trust);
}

void tool_call_learn(struct tool_call *call, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	tool_names_add(call->session->names, name, TOOL_KNOWN);
	answer_check_add_name(call->context->check, name);
}

const char *tool_call_number(struct tool_call *call)
{
	struct tool_session *session = call->session;

	(void)snprintf(session->number, sizeof(session->number), "T%u", ++session->last_number);
	return session->number;
}

static void add_part(struct tool_call *call, const struct part *part)
{
	struct running *running = (struct running *)call;

	if (running->part_count == running->part_capacity) {
		running->part_capacity = running->part_capacity == 0 ? 64 : 2 * running->part_capacity;
		running->parts = mem_resize(running->parts, running->part_capacity * sizeof(*running->parts));
	}
	running->parts[running->part_count++] = *part;
}

void tool_call_add(struct tool_call *call, const char *text, size_t most)
{
	size_t from = call->found.length;

	str_add(&call->found, text == NULL ? "?" : text);
	add_part(call, &(struct part){ .from = from, .length = call->found.length - from, .most = most });
}

void tool_call_reason(struct tool_call *call)
{
	add_part(call, &(struct part){ .from = call->found.length, .is_reason = true });
}

void tool_call_learn_label(struct tool_call *call, const char *label)
{
	if (label == NULL)
		return;
	tool_call_learn(call, label);
	tool_known_label(call->session->names, label);
}

void tool_call_add_time(const struct tool_call *call, struct str *out, int64_t wall_ms)
{
	struct zone_time t;

	zone_local(call->context->zone, wall_ms, &t);
	str_addf(out, "%04d-%02d-%02d %02d:%02d", t.year, t.month, t.day, t.hour, t.minute);
	if (t.second != 0)
		str_addf(out, ":%02d", t.second);
}

/* --- the end of a call --- */

static void add_clean(const struct running *running, const struct part *part, struct str *clean)
{
	char *text = mem_copy_bytes(running->call.found.text + part->from, part->length);
	char *line = fence_clean_line(running->call.context->fence, text, part->most);

	str_add(clean, line);
	free(line);
	free(text);
}

static const char *last_line(const struct str *text)
{
	const char *end = strrchr(text->text, '\n');

	return end == NULL ? text->text : end + 1;
}

/* Each foreign part of what was found on one line and without secrets. */
static void clean_found(struct running *running, struct evidence *evidence, struct str *clean)
{
	const struct str *found = &running->call.found;
	size_t at = 0;

	for (size_t i = 0; i < running->part_count && !clean->cut; i++) {
		const struct part *part = &running->parts[i];

		str_add_bytes(clean, found->text + at, part->from - at);
		if (part->is_reason)
			evidence_reason(evidence, last_line(clean));
		else
			add_clean(running, part, clean);
		at = part->from + part->length;
	}
	str_add_bytes(clean, found->text + at, found->length - at);
}

/* What failed, in the words of who refused it, is foreign too. */
static char *fenced(const struct running *running, const char *foreign)
{
	const struct tool_call *call = &running->call;
	struct str out;

	str_init(&out, TOOL_OUTPUT_MAX);
	if (running->outcome == FAILED)
		str_add(&out, "This did not work:\n");
	else
		str_add(&out, call->said.text);
	if (running->outcome == FAILED || call->found.length > 0)
		fence_add(&out, call->context->fence, call->tool->name, foreign,
		          TOOL_OUTPUT_MAX - FENCE_ROOM - call->said.length);
	return str_take(&out);
}

/* On the worker's thread: what was found may be long, and is searched for secrets. */
static void word(void *arg, struct evidence *evidence)
{
	struct running *running = arg;
	struct str clean;

	str_init(&clean, CLEAN_MAX);
	clean_found(running, evidence, &clean);
	running->worded = fenced(running, running->outcome == FAILED ? running->err.text : clean.text);
	if (running->outcome == WENT_WELL)
		evidence_text(evidence, running->worded);
	str_free(&clean);
}

/* Of several with the same reason none is named: it would seem to be the only one. */
static bool is_said_already(struct tool_session *session, const char *what, const char *why)
{
	for (size_t i = 0; i < session->failure_count; i++) {
		struct tool_failure *failure = &session->failures[i];

		if (strcmp(failure->why, why) != 0)
			continue;
		if (!is_same(failure->what, what))
			mem_set_string(&failure->what, NULL);
		return true;
	}
	return false;
}

/* For whoever asked: the model may answer without saying what it could not see. */
void tool_call_missed(struct tool_call *call, const char *what, const char *why)
{
	struct tool_session *session = call->session;
	char *name = what == NULL ? NULL : utf8_shorten(what, WHAT_MAX);

	if (is_said_already(session, name, why) || session->failure_count == TOOL_FAILURES_MAX) {
		free(name);
		return;
	}
	session->failures[session->failure_count++] = (struct tool_failure){
		.title = call->tool->title, .what = name, .why = mem_copy_string(why),
	};
}

static void finish(void *arg, const struct err *err)
{
	static const char *const words[] = { "done", "refused", "failed" };
	struct running *running = arg;
	struct done done = running->done;

	(void)err; /* the program ends: nobody reads it */
	*running->result = running->worded;
	*running->failed = running->outcome != WENT_WELL;
	if (running->outcome == FAILED && running->err.kind != ERR_CANCELLED)
		tool_call_missed(&running->call, NULL, running->err.text);
	metrics_count("tocsin_tools_total", "outcome", words[running->outcome]);
	log_event(LOG_INFO, "tool.called", "tool", running->tool, "outcome", words[running->outcome], "user",
	          running->call.context->user, "why", running->outcome == FAILED ? running->err.text : NULL, NULL);
	str_free(&running->call.said);
	str_free(&running->call.found);
	free(running->parts);
	json_free(running->call.input);
	free(running->call.account);
	free(running->tool);
	free(running);
	done.fn(done.arg, NULL);
}

void tool_call_end(struct tool_call *call, const struct err *err)
{
	struct running *running = (struct running *)call;

	if (err != NULL) {
		running->outcome = FAILED;
		running->err = *err;
	}
	answer_check_work(call->context->check, word, running, (struct done){ finish, running });
}

void tool_call_refuse(struct tool_call *call, const char *format, ...)
{
	struct running *running = (struct running *)call;
	char text[SAID_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	running->outcome = REFUSED;
	str_clear(&call->said);
	str_add(&call->said, text);
	tool_call_end(call, NULL);
}

/* --- a call --- */

static bool is_offered(const struct tool *tool, const struct config *config)
{
	return tool->offered == NULL || tool->offered(config);
}

void tool_run(struct tool_session *session, const char *name, struct json_object *input, char **result, bool *failed,
              struct done done)
{
	struct running *running = mem_alloc(sizeof(*running));
	struct tool_call *call = &running->call;
	struct str why;

	running->tool = mem_copy_string(name);
	running->result = result;
	running->failed = failed;
	running->done = done;
	call->tool = tool_find(name);
	call->context = &session->context;
	call->session = session;
	call->input = input == NULL ? json_new_object() : json_keep(input);
	str_init(&call->said, SAID_MAX);
	str_init(&call->found, FOUND_MAX);
	if (call->tool == NULL || !is_offered(call->tool, session->context.bot->config)) {
		tool_call_refuse(call, "There is no tool of that name.");
		return;
	}
	str_init(&why, SAID_MAX);
	if (tool_check(call, &why))
		call->tool->run(call);
	else
		tool_call_refuse(call, "%s", why.text);
	str_free(&why);
}

struct json_object *tool_config(struct bot *bot)
{
	struct json_object *list = json_new_array(), *config = json_new_object();

	for (size_t i = 0; tools[i] != NULL; i++)
		if (is_offered(tools[i], bot->config))
			json_append(list, tool_check_spec(tools[i], bot->config));
	json_put(config, "tools", list);
	return config;
}

char *tool_title(const char *name, struct json_object *input)
{
	const struct tool *tool = tool_find(name);

	(void)input; /* a line for people holds no word that nobody has checked */
	return mem_copy_string(tool == NULL ? "asking for a tool that there is not" : tool->title);
}
