/*
 * runbook_run.h - running a runbook on an instance: asked for by a person, or by tocsin for an incident.
 *
 * One plan for both. It asks SSM what the instance is, for a runbook that changes something waits
 * for a person's decision, sends the command once, waits for its end, takes the secrets out of its
 * output, and shows it: to a person by editing the message that said "running", for an incident
 * as its stage, in its thread and as a comment of its issue.
 */
#ifndef COMMANDS_RUNBOOK_RUN_H
#define COMMANDS_RUNBOOK_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/ec2.h"
#include "adapters/aws/ssm.h"
#include "commands/command.h"
#include "commands/permit.h"

struct bot;
struct incident;

struct runbook_run {
	struct origin origin; /* user NULL: tocsin itself */
	char *incident;       /* id; NULL: none */
	bool own;             /* the result is the incident's: no message of its own */
	char *mail;           /* id of the flow of the mail that waits for the output; NULL: none */
	bool no_data;         /* EC2 is asked first why the instance says nothing */
	char *runbook;        /* its name */
	char *words;          /* what was typed behind the name */
	char *instance, *account, *region, *arguments;
	bool searched;        /* which account and region it is in was not said: all are tried */
	int64_t candidate;    /* of those, the one being tried */
	bool windows;
	char *decision;       /* "approved", "rejected", "expired"; NULL: not decided, or none needed */
	char *decided_by;
	char *command;        /* SSM's id of it */
	int64_t sent_ms, polls;
	char *failure;        /* why there is no result, as a sentence; NULL: there is one */
	char *finding;        /* the result, where it is a sentence and no output */
	char *headline;       /* of the answer */
	char *output;         /* redacted; NULL: none */
	int64_t secrets;      /* taken out of it */
	/* Answers under way; nothing of them is needed after the step that reads them. Of a result that is
	 * lost by a shutdown another look is taken. */
	struct ssm_instance machine;
	struct ec2_instance ec2;
	struct ssm_result result;
};

extern const struct flow_plan runbook_plan;

/* The parse functions of the commands named after a runbook hand over here. */
void runbook_parse(struct runbook_run *run, const char *name, const char *words);

/* For an incident, by tocsin itself or by a click (user: who; NULL: itself); into the open journal
 * batch. no_data: see above. */
void runbook_start(struct bot *bot, struct incident *incident, const char *runbook, bool no_data, const char *user);

/* False: the flow `id` has sent a command that changes something, and how it ends is to be told. */
bool runbook_may_be_dropped(struct bot *bot, const char *id);

enum runbook_decision { RUNBOOK_DECIDED, RUNBOOK_TOO_LATE, RUNBOOK_NOT_ALLOWED };
/* A person's word on what the flow `id` asks. Why it was not taken: *err. */
enum runbook_decision runbook_decide(struct bot *bot, const char *id, struct permit_act act, bool approved,
                                     struct err *err);

#endif
