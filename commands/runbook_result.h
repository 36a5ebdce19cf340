/*
 * runbook_result.h - what is said while a runbook runs, and what is done with what comes of it.
 */
#ifndef COMMANDS_RUNBOOK_RESULT_H
#define COMMANDS_RUNBOOK_RESULT_H

#include "bot/err.h"

struct alarm;
struct flow;
struct incident;
struct message;
struct runbook_run;

/* Messages to the person who asked; initialised here. */
void runbook_result_question(struct message *message, struct flow *flow);
void runbook_result_running(struct message *message, struct flow *flow);
void runbook_result_answer(struct message *message, struct flow *flow);

/* On the incident; each announces what it changed. */
void runbook_result_started(struct flow *flow, struct incident *incident);
void runbook_result_stage(struct flow *flow, struct incident *incident, const char *progress);
void runbook_result_propose(struct flow *flow, struct incident *incident);
void runbook_result_decided(struct flow *flow, struct incident *incident);
void runbook_result_record(struct flow *flow, struct incident *incident);
void runbook_result_ended(struct flow *flow, struct incident *incident, const struct err *err);

/* From SSM's raw answer to what may be shown: secrets out, both outputs in one text. On the worker's thread; success,
 * or as worker_run. */
void runbook_result_redact(struct flow *flow, struct done done);
/* The verdict. */
void runbook_result_take(struct flow *flow);
/* Why an alarm has no data, where EC2's answer says it, as a sentence in the flow's scope; NULL: the
 * instance runs and its agent has to be asked. */
const char *runbook_result_silence(struct flow *flow, const struct runbook_run *run, const struct alarm *alarm);

#endif
