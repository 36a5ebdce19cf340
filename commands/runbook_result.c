#include "commands/runbook_result.h"

#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/redact.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "commands/announce.h"
#include "commands/issue.h"
#include "commands/mail.h"
#include "commands/runbook_run.h"

#define OUTPUT_MAX 60000
#define VERDICT_MAX 160
#define AGENT_NAMESPACE "CWAgent"

/* --- words ---------------------------------------------------------------------------------- */

static const char *where(struct flow *flow)
{
	const struct runbook_run *run = flow->state;
	const char *account = run->account == NULL ? NULL : config_account_name(flow->bot->config, run->account);

	if (run->region == NULL)
		return "";
	return mem_printf(&flow->mem, " (%s%s%s)", account == NULL ? "" : account, account == NULL ? "" : "/",
	                  run->region);
}

/* "top on i-0123" */
static const char *what(struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	return run->instance == NULL ? run->runbook : mem_printf(&flow->mem, "%s on %s", run->runbook, run->instance);
}

static void say_asker(struct message *message, struct flow *flow)
{
	const struct runbook_run *run = flow->state;
	struct message_line *line = message_context(message);

	message_say(message, line, "asked by ");
	message_person(message, line, run->origin.user == NULL ? "tocsin" : run->origin.user);
	if (run->decided_by != NULL) {
		message_say(message, line, ", %s by ", run->decision);
		message_person(message, line, run->decided_by);
	}
}

void runbook_result_question(struct message *message, struct flow *flow)
{
	const struct runbook_run *run = flow->state;
	const struct runbook *runbook = runbook_find(flow->bot->config, run->runbook);
	const char *summary = runbook == NULL || runbook->summary == NULL ? "" : runbook->summary;

	message_init(message, TONE_WARNING);
	message_headline(message, "Run %s?", what(flow));
	message_text(message, "%s changes something: it runs when somebody approves it.", what(flow));
	message_say(message, message_paragraph(message), "This changes something on the instance%s. %s", where(flow),
	            summary);
	message_action(message, "approve", "Approve", flow->id, STYLE_PRIMARY,
	               mem_printf(&flow->mem, "Run %s now?", what(flow)));
	message_action(message, "reject", "Reject", flow->id, STYLE_PLAIN, NULL);
	say_asker(message, flow);
}

void runbook_result_running(struct message *message, struct flow *flow)
{
	message_init(message, TONE_NEUTRAL);
	message_text(message, "Running %s", what(flow));
	message_say(message, message_paragraph(message), "⏳ Running %s%s …", what(flow), where(flow));
	say_asker(message, flow);
}

void runbook_result_answer(struct message *message, struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	message_init(message, run->failure == NULL ? TONE_NEUTRAL : TONE_WARNING);
	message_text(message, "%s", run->headline);
	message_say(message, message_paragraph(message), "%s", run->headline);
	if (run->output != NULL)
		message_code(message, run->output);
	say_asker(message, flow);
}

/* --- the result ----------------------------------------------------------------------------- */

/* What is left after the secrets are out is all that this process keeps. */
static void redact_into(struct str *out, const char *text, size_t *count)
{
	size_t found = 0;
	char *clean = redact(text, &found);

	str_add(out, clean);
	*count += found;
	free(clean);
}

static void add_errors(struct str *out, const char *errors, size_t *count)
{
	if (errors == NULL || errors[0] == '\0')
		return;
	if (out->length > 0)
		str_add(out, out->text[out->length - 1] == '\n' ? "" : "\n");
	str_add(out, "--- errors ---\n");
	redact_into(out, errors, count);
}

struct redaction {
	struct runbook_run *run; /* the worker reads its result */
	struct str output;
	size_t count;
	struct done done;
};

static bool collect_output(void *arg, struct err *err)
{
	struct redaction *redaction = arg;
	const struct ssm_result *result = &redaction->run->result;
	struct str *out = &redaction->output;

	(void)err;
	if (result->output != NULL)
		redact_into(out, result->output, &redaction->count);
	if (result->cut)
		str_add(out, "\n… SSM keeps the first 24,000 characters only; the rest is lost");
	if (result->phase == SSM_FAILED || out->length == 0)
		add_errors(out, result->errors, &redaction->count);
	return true;
}

static void redacted(void *arg, const struct err *err)
{
	struct redaction *redaction = arg;
	struct runbook_run *run = redaction->run;
	struct done done = redaction->done;

	if (err == NULL) {
		mem_set_string(&run->output, redaction->output.length == 0 ? NULL : redaction->output.text);
		run->secrets = (int64_t)redaction->count;
		if (run->result.phase == SSM_FAILED)
			mem_set_string(&run->failure, run->result.why == NULL ? "it failed" : run->result.why);
	}
	str_free(&redaction->output);
	free(redaction);
	done.fn(done.arg, err);
}

void runbook_result_redact(struct flow *flow, struct done done)
{
	struct redaction *redaction = mem_alloc(sizeof(*redaction));

	redaction->run = flow->state;
	redaction->done = done;
	str_init(&redaction->output, OUTPUT_MAX);
	worker_run(flow->bot->worker, collect_output, redaction, (struct done){ redacted, redaction });
}

static const char *headline(struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	if (run->failure != NULL)
		return mem_printf(&flow->mem, "⚠️ %s%s: %s", what(flow), where(flow), run->failure);
	if (run->finding != NULL)
		return mem_printf(&flow->mem, "ℹ️ %s%s: %s", what(flow), where(flow), run->finding);
	return mem_printf(&flow->mem, "✅ %s%s%s%s", what(flow), where(flow),
	                  run->output == NULL ? ": no output" : "",
	                  run->secrets > 0 ? "; secrets in it are left out" : "");
}

void runbook_result_take(struct flow *flow)
{
	struct runbook_run *run = flow->state;

	ssm_result_free(&run->result);
	mem_set_string(&run->headline, headline(flow));
	log_event(LOG_INFO, "runbook.ended", "runbook", run->runbook, "instance", run->instance, "incident",
	          run->incident, "failure", run->failure, "flow", flow->id, NULL);
}

/* --- on the incident ------------------------------------------------------------------------ */

static bool is_proposal(const struct incident *incident, const struct flow *flow)
{
	return incident->proposal != NULL && strcmp(incident->proposal, flow->id) == 0;
}

static bool is_run(const struct incident *incident, const struct flow *flow)
{
	return incident->run != NULL && strcmp(incident->run, flow->id) == 0;
}

void runbook_result_started(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;
	struct bot *bot = flow->bot;
	const struct runbook *runbook = runbook_find(bot->config, run->runbook);

	if (runbook != NULL && runbook->changes && !runbook->automatic)
		return; /* shown as a proposal */
	mem_set_string(&incident->run, flow->id);
	incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_RUNNING, "%s",
	                   run->no_data ? "asking EC2 why there is no data" : what(flow));
	announce(bot, incident);
}

void runbook_result_stage(struct flow *flow, struct incident *incident, const char *progress)
{
	if (!is_run(incident, flow))
		return;
	incident_set_stage(flow->bot->incidents, incident, &incident->diagnosis, STAGE_RUNNING, "%s: %s", what(flow),
	                   progress);
	announce(flow->bot, incident);
}

/* The first line of a text, for a single line of the card. */
static const char *first_line(struct flow *flow, const char *text)
{
	size_t length = strcspn(text, "\n");
	char *line = mem_copy_bytes(text, str_utf8_prefix(text, length, VERDICT_MAX));

	mem_adopt(&flow->mem, line);
	return line;
}

void runbook_result_propose(struct flow *flow, struct incident *incident)
{
	mem_set_string(&incident->proposal, flow->id);
	mem_set_string(&incident->proposed, mem_printf(&flow->mem, "Run %s?", what(flow)));
	mem_set_string(&incident->decision, NULL);
	mem_set_string(&incident->decided_by, NULL);
	incident->revision++;
	incident_save(flow->bot->incidents, incident);
	announce(flow->bot, incident);
}

void runbook_result_decided(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;

	if (!is_proposal(incident, flow))
		return;
	mem_set_string(&incident->proposal, NULL);
	mem_set_string(&incident->decision, run->decision);
	mem_set_string(&incident->decided_by, run->decided_by);
	incident->revision++;
	incident_save(flow->bot->incidents, incident);
	announce(flow->bot, incident);
}

/* The agent does not send: starting it anew may help, and that is for a person to say. */
static void propose_restart(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;

	if (!run->no_data || strcmp(run->runbook, RUNBOOK_AGENT) != 0 || run->failure != NULL || run->finding != NULL ||
	    !incident_is_open(incident) || incident->proposal != NULL)
		return;
	if (run->output != NULL && strstr(run->output, "agent: not installed") != NULL)
		return;
	if (runbook_find(flow->bot->config, RUNBOOK_AGENT_RESTART) != NULL)
		runbook_start(flow->bot, incident, RUNBOOK_AGENT_RESTART, false, NULL);
}

static void record_run(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;
	struct bot *bot = flow->bot;

	mem_set_string(&incident->run, NULL);
	if (run->failure != NULL)
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_FAILED, "%s: %s", what(flow),
		                   run->failure);
	else if (run->finding != NULL)
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_DONE, "%s", run->finding);
	else if (run->output == NULL)
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_DONE, "%s: no output",
		                   what(flow));
	else
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_DONE, "%s: %s", what(flow),
		                   first_line(flow, run->output));
}

static void record_change(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;

	if (!run->own || run->decision == NULL || strcmp(run->decision, "approved") != 0)
		return;
	if (incident->proposal != NULL) /* the next one is asked already, and has the word */
		return;
	mem_set_string(&incident->decision, run->failure != NULL ? "⚠️ failed, approved" : "✅ done, approved");
	incident->revision++;
}

void runbook_result_record(struct flow *flow, struct incident *incident)
{
	const struct runbook_run *run = flow->state;
	struct bot *bot = flow->bot;
	bool ran = is_run(incident, flow);

	if (ran)
		record_run(flow, incident);
	else
		record_change(flow, incident);
	if (run->own && (!ran || run->output != NULL || run->finding != NULL)) /* else the card says it all */
		incident_add_line(bot->incidents, incident, INCIDENT_THREAD, run->headline, run->output);
	issue_tell(bot, incident, run->headline, run->output);
	if (ran) {
		mail_take_output(bot, run->mail, run->headline, run->output);
		mail_poke(bot, incident); /* also those of later changes wait no longer */
	}
	if (run->own)
		announce(bot, incident);
	propose_restart(flow, incident);
}

/* It ended without a result of its own making (cancelled): nobody may wait for it for ever. */
void runbook_result_ended(struct flow *flow, struct incident *incident, const struct err *err)
{
	struct bot *bot = flow->bot;

	if (is_run(incident, flow)) {
		mem_set_string(&incident->run, NULL);
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_FAILED, "%s: %s", what(flow),
		                   err == NULL ? "given up" : err->text);
		mail_poke(bot, incident);
		announce(bot, incident);
	}
	if (is_proposal(incident, flow)) {
		mem_set_string(&incident->proposal, NULL);
		incident->revision++;
		incident_save(bot->incidents, incident);
		announce(bot, incident);
	}
}

/* --- no data -------------------------------------------------------------------------------- */

static bool is_state(const struct runbook_run *run, const char *state)
{
	return run->ec2.state != NULL && strcmp(run->ec2.state, state) == 0;
}

static const char *not_running(struct flow *flow, const struct runbook_run *run)
{
	static const struct {
		const char *state, *sentence;
	} sentences[] = {
		{ "pending", "is starting; data should come once it runs" },
		{ "stopping", "is being stopped, so no data comes" },
		{ "stopped", "is stopped, so no data comes. Start it if that was not meant" },
		{ "shutting-down", "is being terminated, so no data will come. Remove its alarm if that was meant" },
		{ "terminated", "is terminated: it is gone for good. Remove its alarm if that was meant" },
	};
	const char *sentence = "is in a state that I do not know, so nothing was run";

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (is_state(run, sentences[i].state))
			sentence = sentences[i].sentence;
	return mem_printf(&flow->mem, "%s %s.%s%s%s", run->instance, sentence, run->ec2.reason == NULL ? "" : " (EC2: ",
	                  run->ec2.reason == NULL ? "" : run->ec2.reason, run->ec2.reason == NULL ? "" : ")");
}

const char *runbook_result_silence(struct flow *flow, const struct runbook_run *run, const struct alarm *alarm)
{
	const char *space = alarm->namespace_ == NULL ? "another source" : alarm->namespace_;

	if (!is_state(run, "running"))
		return not_running(flow, run);
	if (strcmp(space, AGENT_NAMESPACE) == 0)
		return NULL;
	return mem_printf(&flow->mem, "%s is running, and %s does not come from the CloudWatch agent but from %s: "
	                              "restarting the agent could not help, so nothing was run. Does the alarm name "
	                              "the right dimensions, and a period that its metric has?",
	                  run->instance, alarm->metric == NULL ? "the metric" : alarm->metric, space);
}
