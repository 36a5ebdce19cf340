#include "commands/runbook_run.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/permit.h"
#include "commands/runbook_result.h"
#include "commands/runbook_target.h"

#define DECIDE_WITHIN_MS (12 * 3600 * 1000LL)
#define MAX_TRIES 6
#define FIRST_POLL_MS 1000
/* SSM's own delivery deadline, and time for its records to follow. */
#define BEYOND_TIMEOUT_MS (60 * 1000)

#define SCRATCH(member) FIELD(FIELD_SCRATCH, runbook_run, member)

static const struct field fields[] = {
	ORIGIN_FIELDS(runbook_run),
	FIELD(FIELD_STRING, runbook_run, incident),   FIELD(FIELD_BOOL, runbook_run, own),
	FIELD(FIELD_STRING, runbook_run, mail),
	FIELD(FIELD_BOOL, runbook_run, no_data),      FIELD(FIELD_STRING, runbook_run, runbook),
	FIELD(FIELD_STRING, runbook_run, words),      FIELD(FIELD_STRING, runbook_run, instance),
	FIELD(FIELD_STRING, runbook_run, account),    FIELD(FIELD_STRING, runbook_run, region),
	FIELD(FIELD_STRING, runbook_run, arguments),  FIELD(FIELD_BOOL, runbook_run, searched),
	FIELD(FIELD_INT, runbook_run, candidate),     FIELD(FIELD_BOOL, runbook_run, windows),
	FIELD(FIELD_STRING, runbook_run, decision),   FIELD(FIELD_STRING, runbook_run, decided_by),
	FIELD(FIELD_STRING, runbook_run, command),    FIELD(FIELD_INT, runbook_run, sent_ms),
	FIELD(FIELD_INT, runbook_run, polls),         FIELD(FIELD_STRING, runbook_run, failure),
	FIELD(FIELD_STRING, runbook_run, finding),    FIELD(FIELD_STRING, runbook_run, headline),
	FIELD(FIELD_STRING, runbook_run, output),     FIELD(FIELD_INT, runbook_run, secrets),
	/* What the step behind the question reads, also when a shutdown comes between the two. */
	{ "platform", FIELD_STRING, offsetof(struct runbook_run, machine.platform) },
	{ "ec2_state", FIELD_STRING, offsetof(struct runbook_run, ec2.state) },
	{ "ec2_reason", FIELD_STRING, offsetof(struct runbook_run, ec2.reason) },
	SCRATCH(machine.ping), SCRATCH(machine.computer), SCRATCH(ec2.type), SCRATCH(ec2.name),
	/* A host's own words: on the disk only after the secrets are out. */
	SCRATCH(result.status), SCRATCH(result.why), SCRATCH(result.output), SCRATCH(result.errors),
	FIELDS_END,
};

static struct incident *incident_of(struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	return run->incident == NULL ? NULL : incidents_find(flow->bot->incidents, run->incident);
}

static struct aws_target target_of(const struct runbook_run *run)
{
	return (struct aws_target){ run->account, run->region };
}

/* The sentence becomes the result. */
static enum flow_next give_up(struct flow *flow, const char *why)
{
	struct runbook_run *run = flow->state;

	mem_set_string(&run->failure, why);
	return flow_goto(flow, "conclude");
}

/* So does this one, but nothing went wrong. */
static enum flow_next settle(struct flow *flow, const char *finding)
{
	struct runbook_run *run = flow->state;

	mem_set_string(&run->finding, finding);
	return flow_goto(flow, "conclude");
}

/* A person has ordered or approved it. */
static void note_act(struct flow *flow)
{
	struct incident *incident = incident_of(flow);

	if (incident != NULL)
		incident_acted(flow->bot->incidents, incident);
}

/* --- what is asked, and may it be ----------------------------------------------------------- */

static enum flow_next begin(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct runbook *runbook = runbook_find(flow->bot->config, run->runbook);
	struct err err;

	if (runbook == NULL)
		return give_up(flow, mem_printf(&flow->mem, "There is no runbook %s any more.", run->runbook));
	if (!runbook_target_find(flow->bot, run, &err) ||
	    (!run->own && !permit_runbook(flow->bot, runbook,
	                                  (struct permit_act){ run->origin.user, run->origin.channel }, &err)))
		return give_up(flow, err.text);
	if (run->origin.user != NULL)
		note_act(flow);
	if (run->no_data && str_starts(run->instance, "mi-")) { /* no machine of EC2's: it cannot tell */
		mem_set_string(&run->ec2.state, "running");
		return flow_goto(flow, "judge instance");
	}
	if (run->no_data)
		return flow_goto(flow, "instance");
	if (runbook->changes && !runbook->automatic)
		return flow_goto(flow, run->own ? "await" : "ask");
	return flow_goto(flow, run->own ? "describe" : "tell");
}

/* --- why is there no data? ------------------------------------------------------------------ */

static enum flow_next ask_ec2(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct aws_target target = target_of(run);

	ec2_describe(flow->bot->aws, &target, run->instance, &run->ec2, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next judge_ec2(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct incident *incident = incident_of(flow);
	const char *why = incident == NULL ? NULL : runbook_result_silence(flow, run, &incident->alarm);

	return why != NULL ? settle(flow, why) : flow_goto(flow, "describe");
}

/* --- a person's decision -------------------------------------------------------------------- */

static enum flow_next ask(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	runbook_result_question(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

/* Sleeps until somebody decides (runbook_decide), or for so long that the question is stale. */
static enum flow_next await(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	if (run->decision != NULL) /* somebody was faster than the answer that the question is there */
		return flow_goto(flow, "decided");
	if (run->own && run->origin.user == NULL && incident != NULL && !incident_is_open(incident))
		return settle(flow, "no longer needed: the alarm is over; nothing was run");
	if (run->own && incident != NULL)
		runbook_result_propose(flow, incident);
	return flow_sleep(flow, DECIDE_WITHIN_MS, "decided");
}

static enum flow_next decided(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	if (run->decision == NULL)
		mem_set_string(&run->decision, "expired");
	if (run->own && incident != NULL)
		runbook_result_decided(flow, incident);
	if (strcmp(run->decision, "approved") == 0)
		return flow_goto(flow, run->own ? "describe" : "mark");
	return settle(flow, strcmp(run->decision, "rejected") == 0 ? "rejected; nothing was run"
	                                                           : "nobody decided in time; nothing was run");
}

static enum flow_next marked(struct flow *flow)
{
	return flow_goto(flow, "describe");
}

/* --- the command ---------------------------------------------------------------------------- */

static enum flow_next tell(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	runbook_result_running(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

/* The question becomes "running"; its buttons go. */
static enum flow_next mark(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct message message;

	runbook_result_running(&message, flow);
	flow->bot->chat->ops->edit(flow->bot->chat, run->origin.channel, run->origin.posted, &message, CHAT_URGENT,
	                           flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next describe(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct aws_target target;

	if (run->searched)
		runbook_target_try(flow->bot, run);
	target = target_of(run);
	ssm_describe(flow->bot->aws, &target, run->instance, &run->machine, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next judge_machine(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	run->searched = false;
	mem_set_string(&run->failure, NULL); /* of a place where it is not */
	run->windows = run->machine.platform != NULL && strcmp(run->machine.platform, "Windows") == 0;
	if (run->own && incident != NULL)
		runbook_result_stage(flow, incident, "sending it to the instance");
	return FLOW_NEXT;
}

static const char *nonce(struct flow *flow)
{
	return mem_printf(&flow->mem, "tocsin %s", flow->id);
}

static enum flow_next send(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct runbook *runbook = runbook_find(flow->bot->config, run->runbook);
	struct ssm_command command = { .target = target_of(run), .instance = run->instance, .windows = run->windows };
	char *script;
	struct err err;

	if (runbook == NULL)
		return give_up(flow, "The runbook is gone from the configuration.");
	if (!runbook_script(runbook, run->windows, run->arguments, &script, &err))
		return give_up(flow, err.text);
	command.script = script;
	command.timeout_s = runbook->timeout_ms / 1000;
	command.comment = nonce(flow);
	metrics_count("tocsin_runbooks_total", NULL, NULL);
	log_event(LOG_INFO, "runbook.sent", "runbook", run->runbook, "instance", run->instance, "incident",
	          run->incident, "user", run->origin.user, "approved_by", run->decided_by, "flow", flow->id, NULL);
	ssm_send(flow->bot->aws, &command, &run->command, flow_wake(flow));
	free(script);
	return FLOW_WAIT;
}

static enum flow_next find_sent(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct aws_target target = target_of(run);

	ssm_find(flow->bot->aws, &target, run->instance, nonce(flow), flow->intent_ms, &run->command, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next sent(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	run->sent_ms = clock_true_ms();
	run->polls = 0;
	if (run->own && incident != NULL)
		runbook_result_stage(flow, incident, "sent to the instance");
	return flow_sleep(flow, FIRST_POLL_MS, "poll");
}

/* Short commands end within seconds, and somebody watches; long ones can wait for the next look. */
static int64_t until_next_poll_ms(int64_t polls)
{
	if (polls < 15)
		return 700;
	return polls < 35 ? 2000 : 5000;
}

static enum flow_next poll(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct aws_target target = target_of(run);

	ssm_poll(flow->bot->aws, &target, run->command, run->instance, &run->result, flow_wake(flow));
	return FLOW_WAIT;
}

/* Within this nothing was heard: the machine or its agent is gone. */
static bool is_overdue(struct flow *flow)
{
	const struct runbook_run *run = flow->state;
	const struct runbook *runbook = runbook_find(flow->bot->config, run->runbook);
	int64_t timeout_ms = runbook == NULL ? 0 : runbook->timeout_ms;

	return clock_true_ms() - run->sent_ms > timeout_ms + BEYOND_TIMEOUT_MS;
}

static enum flow_next judge_result(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	if (run->result.phase == SSM_DONE || run->result.phase == SSM_FAILED)
		return flow_goto(flow, "redact");
	if (is_overdue(flow))
		return flow_goto(flow, "cancel");
	if (run->own && incident != NULL)
		runbook_result_stage(flow, incident, run->result.phase == SSM_RUNNING ? "running"
		                                                                      : "sent to the instance");
	return flow_sleep(flow, until_next_poll_ms(run->polls++), "poll");
}

static enum flow_next cancel(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	const struct aws_target target = target_of(run);

	ssm_cancel(flow->bot->aws, &target, run->command, run->instance, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next cancelled(struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	return give_up(flow, mem_printf(&flow->mem, "No answer from %s: SSM has the command %s, but its agent was not "
	                                            "heard of in time. I asked SSM to cancel it. Is the instance "
	                                            "overloaded, or its agent stopped?", run->instance, run->command));
}

/* --- the end -------------------------------------------------------------------------------- */

static enum flow_next redact_output(struct flow *flow)
{
	const struct runbook_run *run = flow->state;

	if (run->result.phase != SSM_DONE && run->result.phase != SSM_FAILED) /* lost by a shutdown */
		return flow_goto(flow, "poll");
	runbook_result_redact(flow, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next conclude(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	runbook_result_take(flow);
	if (incident != NULL)
		runbook_result_record(flow, incident);
	if (run->own)
		return FLOW_DONE;
	return flow_goto(flow, run->origin.posted == NULL ? "answer" : "show");
}

static enum flow_next answer(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	runbook_result_answer(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next end(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static enum flow_next show(struct flow *flow)
{
	struct runbook_run *run = flow->state;
	struct message message;

	runbook_result_answer(&message, flow);
	flow->bot->chat->ops->edit(flow->bot->chat, run->origin.channel, run->origin.posted, &message, CHAT_URGENT,
	                           flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

/* What a failed step means for the run; NULL: it cannot even be said where it was asked. */
static const char *rescue(struct flow *flow, const struct err *err)
{
	struct runbook_run *run = flow->state;
	const char *step = flow_step_name(flow);

	if (strcmp(step, "mark") == 0)
		return "describe";
	if (strcmp(step, "cancel") == 0) /* it was overdue all the same */
		return "cancelled";
	if (strcmp(step, "ask") == 0 || strcmp(step, "tell") == 0 || strcmp(step, "answer") == 0 ||
	    strcmp(step, "show") == 0)
		return NULL;
	if (strcmp(step, "describe") == 0 && run->searched &&
	    (err->kind == ERR_NOT_FOUND || err->kind == ERR_REFUSED)) {
		if (err->kind == ERR_REFUSED && run->failure == NULL) /* said when it is nowhere else */
			mem_set_string(&run->failure, err->text);
		if (runbook_target_next(flow->bot, run))
			return "describe";
	}
	if (run->failure == NULL && strcmp(step, "poll") == 0) /* it was sent, and goes on there */
		mem_set_string(&run->failure,
		               mem_printf(&flow->mem, "sent, and what came of it is not known: %s", err->text));
	else if (run->failure == NULL)
		mem_set_string(&run->failure, err->text);
	return "conclude";
}

/* Somebody who looks at the incident sees that it is not forgotten. */
static void waits(struct flow *flow, const struct err *err)
{
	const struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	if (run->own && incident != NULL)
		runbook_result_stage(flow, incident, mem_printf(&flow->mem, "trying again: %s", err->text));
}

static void ended(struct flow *flow, const struct err *err)
{
	const struct runbook_run *run = flow->state;
	struct incident *incident = incident_of(flow);

	if (run->own && incident != NULL)
		runbook_result_ended(flow, incident, err);
	if (!run->own)
		answer_ended(flow, err);
}

/* A step that waits is followed by the one below it; the others say where they go. */
static const struct flow_step steps[] = {
	{ "begin", begin, NULL },
	{ "instance", ask_ec2, NULL },
	{ "judge instance", judge_ec2, NULL },
	{ "ask", ask, answer_find },
	{ "await", await, NULL },
	{ "decided", decided, NULL },
	{ "mark", mark, NULL },
	{ "marked", marked, NULL },
	{ "tell", tell, answer_find },
	{ "describe", describe, NULL },
	{ "judge machine", judge_machine, NULL },
	{ "send", send, find_sent },
	{ "sent", sent, NULL },
	{ "poll", poll, NULL },
	{ "judge result", judge_result, NULL },
	{ "cancel", cancel, NULL },
	{ "cancelled", cancelled, NULL },
	{ "redact", redact_output, NULL },
	{ "conclude", conclude, NULL },
	{ "answer", answer, answer_find },
	{ "answered", end, NULL },
	{ "show", show, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan runbook_plan = {
	.name = "runbook",
	.state_size = sizeof(struct runbook_run),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.waits = waits,
	.rescue = rescue,
	.ended = ended,
};

/* --- starting and deciding ------------------------------------------------------------------ */

void runbook_parse(struct runbook_run *run, const char *name, const char *words)
{
	mem_set_string(&run->runbook, name);
	mem_set_string(&run->words, words);
}

void runbook_start(struct bot *bot, struct incident *incident, const char *runbook, bool no_data, const char *user)
{
	struct flow *flow = flow_new(bot->flows, &runbook_plan);
	struct runbook_run *run = flow->state;
	const char *instance = runbook_instance_of(&incident->alarm);

	run->own = true;
	run->no_data = no_data;
	mem_set_string(&run->origin.user, user);
	mem_set_string(&run->incident, incident->id);
	mem_set_string(&run->runbook, runbook);
	mem_set_string(&run->instance, instance);
	mem_set_string(&run->account, incident->alarm.account);
	mem_set_string(&run->region, incident->alarm.region);
	if (user == NULL)
		mem_set_string(&run->mail, incident->mail_flow);
	runbook_result_started(flow, incident);
	flow_start(flow);
}

bool runbook_may_be_dropped(struct bot *bot, const char *id)
{
	const struct flow *flow = flow_find(bot->flows, id);
	const struct runbook_run *run = flow == NULL ? NULL : flow->state;
	const struct runbook *runbook = run == NULL ? NULL : runbook_find(bot->config, run->runbook);

	return runbook == NULL || !runbook->changes || run->command == NULL;
}

enum runbook_decision runbook_decide(struct bot *bot, const char *id, struct permit_act act, bool approved,
                                     struct err *err)
{
	struct flow *flow = flow_find(bot->flows, id);
	struct runbook_run *run = flow == NULL ? NULL : flow->state;
	const struct runbook *runbook;

	if (flow == NULL || flow->plan != &runbook_plan || run->decision != NULL) {
		(void)err_set(err, ERR_CONFLICT, "That was decided already, or is no longer asked.");
		return RUNBOOK_TOO_LATE;
	}
	runbook = runbook_find(bot->config, run->runbook);
	if (runbook == NULL) {
		(void)err_set(err, ERR_REFUSED, "The runbook is gone from the configuration.");
		return RUNBOOK_NOT_ALLOWED;
	}
	/* Who asked may always take it back. */
	if ((approved || run->origin.user == NULL || strcmp(run->origin.user, act.user) != 0) &&
	    !permit_approval(bot, runbook, run->origin.user, act, err))
		return RUNBOOK_NOT_ALLOWED;
	mem_set_string(&run->decision, approved ? "approved" : "rejected");
	mem_set_string(&run->decided_by, act.user);
	if (approved)
		note_act(flow);
	flow_save(flow);
	flow_poke(flow);
	log_event(LOG_INFO, "runbook.decided", "runbook", run->runbook, "instance", run->instance, "decision",
	          run->decision, "user", act.user, "asked_by", run->origin.user, "flow", flow->id, NULL);
	return RUNBOOK_DECIDED;
}
