/* dashboard_message.h - what a look at a dashboard says. */
#ifndef COMMANDS_DASHBOARD_MESSAGE_H
#define COMMANDS_DASHBOARD_MESSAGE_H

#include <stddef.h>

struct config;
struct dashboard_data;
struct finding;
struct mem;
struct message;

/* While it is read. Initialises the message, as all of these do. */
void dashboard_message_reading(struct message *message, const char *name, size_t finished, size_t count);
/* image: of the small multiples; NULL: there is none (yet). trouble: something else the reader must know;
 * NULL: nothing. */
void dashboard_message_result(struct message *message, const struct dashboard_data *data, const char *image,
                              const char *alt, const char *trouble);
/* Whether it is abnormal, in few words: "2 findings", "no abnormality in what could be read". In mem, or a literal. */
const char *dashboard_message_verdict(struct mem *mem, const struct dashboard_data *data);
const char *dashboard_message_symbol(const struct finding *finding);
/* One finding, for the thread. */
void dashboard_message_finding(struct message *message, const struct finding *finding, const char *image,
                               const char *alt);
/* It could not even be begun: which dashboards there are. */
void dashboard_message_failure(struct message *message, const struct config *config, const char *why);

#endif
