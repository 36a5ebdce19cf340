/*
 * http_connection.h - one accepted connection; private to http_server.c and http_connection.c.
 *
 * A connection handles one request at a time: while a handler owes a reply, or a reply is not
 * yet written, nothing more is read from the peer, so that pipelined requests are answered in
 * order and a peer that has closed its writing half still gets its answer. The loop tells each
 * change of the socket once (LOOP_EDGE): no system call switches reading off and on.
 */
#ifndef BOT_HTTP_CONNECTION_H
#define BOT_HTTP_CONNECTION_H

#include <netinet/in.h>

#include "bot/h1.h"
#include "bot/http_server.h"
#include "bot/http_socket.h"
#include "bot/spare.h"

struct http_connection;
struct http_tls;

/* What a connection is given time for. All deadlines of one kind are equally long, so that each
 * kind is a queue in order of time and one timer serves all connections. */
enum http_wait { HTTP_WAIT_REQUEST, HTTP_WAIT_IDLE, HTTP_WAIT_LINGER, HTTP_WAIT_KINDS };

struct http_wait_queue {
	struct http_connection *first, *last;
	int64_t duration_ms;
};

#define HTTP_STATUS_CLASSES 6
#define HTTP_DATE_SIZE 32
#define HTTP_READ_SIZE 16384

struct http_server {
	struct loop *loop;
	struct http_tls *tls; /* NULL: plain */
	http_handler_fn *handler;
	void *arg;
	int listen_fd;        /* -1 once no new connection is wanted */
	int port;
	size_t max_body, max_bodies;
	size_t bodies;        /* bytes that connections hold for them */
	unsigned max_connections, connection_count;
	struct http_connection *connections; /* all of them */
	struct http_wait_queue waits[HTTP_WAIT_KINDS];
	struct loop_timer *wait_timer;
	int64_t wait_timer_at_ms;            /* when it will fire, if it is set */
	struct loop_timer *accept_timer;     /* set while out of descriptors */
	int64_t cannot_accept_told_ms; /* monotonic; 0: never */
	bool quiescing;
	int64_t crowd_told_ms;               /* when the log was last told; monotonic; 0: never */
	bool counting;                       /* count_replies is deferred */
	int64_t replies[HTTP_STATUS_CLASSES]; /* by status / 100, not yet in the metrics */
	int64_t date_s;
	char date[HTTP_DATE_SIZE];           /* of second date_s */
	struct spare small_bodies;           /* of handled requests: those that come whole use the same memory */
	char received[HTTP_READ_SIZE];       /* what a connection has just read */
};

enum http_phase {
	HTTP_READING,   /* a request, or waiting for one */
	HTTP_HANDLING,  /* the handler owes a reply */
	HTTP_WRITING,   /* the peer has not taken all of the reply yet */
	HTTP_LINGERING, /* all said; reads and discards until the peer has seen it and closes */
	HTTP_DEAD,      /* it goes as soon as nobody is at work with it */
};

struct http_exchange {
	struct http_connection *connection; /* NULL once the peer has gone */
};

struct http_connection {
	struct http_server *server;
	struct http_socket socket;
	struct http_connection *next, **link; /* in server->connections */
	struct http_connection *wait_next, *wait_previous;
	bool waits;                           /* is in the queue of `wait` */
	enum http_wait wait;
	int64_t deadline_ms;
	enum http_phase phase;
	bool in_handler;    /* the handler is on the stack */
	bool owed;          /* a reply, by the holder of `exchange` */
	bool resuming;      /* resume is deferred */
	bool closes;        /* after the present reply */
	struct http_exchange *exchange; /* reused from request to request */
	size_t held;        /* its part of server->bodies */
	char *rest;         /* received too early: pipelined requests */
	size_t rest_length;
	char *out;          /* the reply */
	size_t out_capacity, out_length, out_sent;
	char peer[INET6_ADDRSTRLEN];
	struct h1 h1;
};

/* A connection that has just been accepted starts its life. */
void http_connection_start(struct http_connection *connection);
/* The loop's callback: something about its socket has changed. */
void http_connection_ready(void *connection, int fd, unsigned ready);
/* Its time is over. */
void http_connection_expired(struct http_connection *connection);
/* Close it when it is between requests, else after the present one. */
void http_connection_quiesce(struct http_connection *connection);
void http_connection_free(struct http_connection *connection);

void http_server_drop(struct http_connection *connection); /* closes and frees it */
void http_server_wait(struct http_connection *connection, enum http_wait wait);
/* Looks how much it holds for a body now; others may have to go for it. */
void http_server_hold(struct http_connection *connection);
void http_server_wait_over(struct http_connection *connection);
void http_server_count(struct http_server *server, int status);
const char *http_server_date(struct http_server *server);

#endif
