#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bot/http_call.h"
#include "bot/loop.h"
#include "bot/mem.h"

#define ADDRESSES_MAX 16

struct http_lookup {
	struct http_client *client;
	struct http_lookup *next, **link; /* in client->lookups */
	char *host;
	int port;
	http_resolved_fn *done;
	void *arg;
	bool submitted; /* to the worker, which alone may touch the three below until it is done */
	char addresses[ADDRESSES_MAX][INET6_ADDRSTRLEN];
	unsigned count;
	int problem; /* of getaddrinfo */
};

/* --- connect_to -------------------------------------------------------------------------- */

struct part {
	const char *text;
	size_t length;
};

/* One field up to ':' or the end; an IPv6 address stands in brackets, which are not part of it. */
static bool next_part(const char **at, struct part *part, bool last)
{
	const char *end;

	if (**at == '[') {
		end = strchr(*at, ']');
		if (end == NULL)
			return false;
		*part = (struct part){ *at + 1, (size_t)(end - *at - 1) };
		end++;
	} else {
		end = *at + strcspn(*at, ":");
		*part = (struct part){ *at, (size_t)(end - *at) };
	}
	if (*end != (last ? '\0' : ':'))
		return false;
	*at = last ? end : end + 1;
	return true;
}

static bool split(const char *line, struct part parts[4])
{
	for (int i = 0; i < 4; i++)
		if (!next_part(&line, &parts[i], i == 3))
			return false;
	return true;
}

/* -1 when the part is no port; 0 when it is empty. */
static int part_port(const struct part *part)
{
	int port = 0;

	if (part->length > 5)
		return -1;
	for (size_t i = 0; i < part->length; i++) {
		if (part->text[i] < '0' || part->text[i] > '9')
			return -1;
		port = port * 10 + (part->text[i] - '0');
	}
	return port > 65535 || (port == 0 && part->length > 0) ? -1 : port;
}

bool http_connect_to_valid(const char *line)
{
	struct part parts[4];

	return split(line, parts) && part_port(&parts[1]) >= 0 && part_port(&parts[3]) >= 0;
}

static bool is_host(const struct part *part, const char *host)
{
	return part->length == 0 ||
	       (strlen(host) == part->length && strncasecmp(part->text, host, part->length) == 0);
}

/* The first line that fits counts, as in curl. */
static void map(struct http_lookup *lookup)
{
	struct part parts[4];

	for (char **line = lookup->client->connect_to; *line != NULL; line++) {
		if (!split(*line, parts) || !is_host(&parts[0], lookup->host) ||
		    (parts[1].length > 0 && part_port(&parts[1]) != lookup->port))
			continue;
		if (parts[2].length > 0) {
			free(lookup->host);
			lookup->host = mem_copy_bytes(parts[2].text, parts[2].length);
		}
		if (parts[3].length > 0)
			lookup->port = part_port(&parts[3]);
		return;
	}
}

/* --- lookups ----------------------------------------------------------------------------- */

static void end_lookup(struct http_lookup *lookup, const struct err *err)
{
	const char *addresses[ADDRESSES_MAX];

	for (unsigned i = 0; i < lookup->count; i++)
		addresses[i] = lookup->addresses[i];
	*lookup->link = lookup->next;
	if (lookup->next != NULL)
		lookup->next->link = lookup->link;
	lookup->done(lookup->arg, addresses, err == NULL ? lookup->count : 0, lookup->port, err);
	free(lookup->host);
	free(lookup);
}

static void finish(void *arg)
{
	struct http_lookup *lookup = arg;
	struct err err = { 0 };

	if (lookup->client->closing)
		(void)err_set(&err, ERR_CANCELLED, "%.200s: given up at shutdown", lookup->host);
	else if (lookup->count == 0)
		(void)err_set(&err, ERR_RETRY, "%.160s: cannot be resolved: %.60s", lookup->host,
		              lookup->problem == 0 ? "no address" : gai_strerror(lookup->problem));
	end_lookup(lookup, err.kind == ERR_NONE ? NULL : &err);
}

/* On the worker's thread. */
static void look_up(void *arg)
{
	struct http_lookup *lookup = arg;
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		                      .ai_socktype = SOCK_STREAM,
		                      .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;

	lookup->problem = getaddrinfo(lookup->host, NULL, &hints, &found);
	if (lookup->problem != 0)
		return;
	for (struct addrinfo *info = found; info != NULL && lookup->count < ADDRESSES_MAX;
	     info = info->ai_next)
		if (getnameinfo(info->ai_addr, info->ai_addrlen, lookup->addresses[lookup->count],
		                INET6_ADDRSTRLEN, NULL, 0, NI_NUMERICHOST) == 0)
			lookup->count++;
	freeaddrinfo(found);
}

static bool is_numeric(struct http_lookup *lookup)
{
	unsigned char raw[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, lookup->host, raw) != 1 && inet_pton(AF_INET6, lookup->host, raw) != 1)
		return false;
	(void)snprintf(lookup->addresses[0], INET6_ADDRSTRLEN, "%s", lookup->host);
	lookup->count = 1;
	return true;
}

void http_client_resolve(struct http_client *client, const char *host, int port,
                         http_resolved_fn *done, void *arg)
{
	struct http_lookup *lookup = mem_alloc(sizeof(*lookup));

	lookup->client = client;
	lookup->host = mem_copy_string(host);
	lookup->port = port;
	lookup->done = done;
	lookup->arg = arg;
	lookup->link = &client->lookups;
	lookup->next = client->lookups;
	if (lookup->next != NULL)
		lookup->next->link = &lookup->next;
	client->lookups = lookup;
	map(lookup);
	if (is_numeric(lookup) || client->closing) {
		loop_defer(client->loop, finish, lookup);
		return;
	}
	if (client->resolver == NULL)
		client->resolver = loop_worker_new(client->loop, "resolver");
	lookup->submitted = true;
	loop_worker_submit(client->resolver, look_up, finish, lookup);
}

void http_resolve_end(struct http_client *client)
{
	loop_worker_free(client->resolver); /* finishes those it has */
	client->resolver = NULL;
	while (client->lookups != NULL) {
		loop_defer_cancel(client->loop, client->lookups);
		finish(client->lookups);
	}
}
