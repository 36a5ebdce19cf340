/*
 * respond.h - what tocsin does by itself about a state change: diagnose, open an issue, mail. One
 * path for every transition.
 */
#ifndef COMMANDS_RESPOND_H
#define COMMANDS_RESPOND_H

#include "bot/incident.h"

/* Right after incidents_apply, into the same journal batch. alarm: the change that was applied. */
void respond(struct bot *bot, struct incident *incident, enum incident_change change, const struct alarm *alarm);

/* At start: stages whose flow is gone (parked by another version) must not wait for ever. */
void respond_forget_lost(struct bot *bot);

#endif
