/*
 * respond.h - what tocsin does by itself about a state change: diagnose, open an issue, mail. One
 * path for every transition.
 */
#ifndef COMMANDS_RESPOND_H
#define COMMANDS_RESPOND_H

#include "bot/incident.h"

struct silence;

/* Right after incidents_apply, into the same journal batch. alarm: the change that was applied. */
void respond(struct bot *bot, struct incident *incident, enum incident_change change, const struct alarm *alarm);

/*
 * A silence has begun or ended; into the open journal batch. Open incidents of its alarms are hushed from now on, or
 * announced and responded to as new ones are. What resolved meanwhile stays unsaid. NULL: at start, whichever ended
 * while nobody ran.
 */
void respond_to_silence(struct bot *bot, const struct silence *silence);

/* A person has said that it is over; into the open journal batch. */
void respond_to_resolve(struct bot *bot, struct incident *incident);

/* At start: stages whose flow is gone (parked by another version) must not wait for ever. */
void respond_forget_lost(struct bot *bot);

#endif
