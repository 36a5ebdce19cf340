#include "bot/loop.h"

#include <errno.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bot/clock.h"
#include "bot/log.h"
#include "bot/mem.h"

/* Few: what a pass has put into the journal is on its way to the disk while the next one works. */
#define EVENTS_A_PASS 16
#define LWS_FD_LIMIT 64 /* the WebSockets, the epoll descriptor and its own pipe; it searches the whole table */
#define RESPONSE_HEADERS_MAX 16384 /* of a WebSocket upgrade; the library's own 4096 is too small */
/* Deferred calls that defer again are run this often, or for so long, before sockets get their turn. */
#define DEFER_ROUNDS 64
#define DEFER_US 10000 /* CPU time, from which on no further round begins */

struct call {
	void (*fn)(void *arg);
	void *arg;
};

struct watch {
	void (*fn)(void *arg, int fd, unsigned ready);
	void *arg;
	uint32_t birth; /* what the kernel tells is of this one, not of a former one with this number */
};

struct loop_timer {
	lws_sorted_usec_list_t sul;
	struct loop *loop;
	void (*fn)(void *arg);
	void *arg;
	bool set;
};

struct job {
	struct job *next;
	void (*run)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

struct job_list {
	struct job *first, **last;
};

struct loop_worker {
	struct loop *loop;
	pthread_t thread;
	pthread_mutex_t lock; /* guards the three below */
	pthread_cond_t wake;
	struct job_list todo, finished;
	bool ending;
	int event_fd;
};

struct loop {
	struct lws_context *lws;
	int epoll_fd, signal_fd;
	struct watch *watches; /* by descriptor */
	size_t watch_count;
	uint32_t births;
	struct call *deferred, *hooks;
	size_t deferred_next, deferred_count, deferred_capacity; /* a queue: [next, count) waits */
	size_t hook_count;
	struct call signal_calls[NSIG];
	sigset_t signals;
	int64_t passes;
	int64_t longest_pass_us; /* CPU time, since somebody asked */
	bool stopping;
};

static void dispatch(struct loop *loop)
{
	struct epoll_event events[EVENTS_A_PASS];
	int count = epoll_wait(loop->epoll_fd, events, EVENTS_A_PASS, 0);

	for (int i = 0; i < count; i++) {
		int fd = (int)(events[i].data.u64 & UINT32_MAX);
		unsigned ready = 0;
		const struct watch *watch;

		if ((size_t)fd >= loop->watch_count)
			continue;
		watch = &loop->watches[fd];
		/* Forgotten by an earlier callback of this pass, perhaps closed, and its number in use again. */
		if (watch->fn == NULL || watch->birth != events[i].data.u64 >> 32)
			continue;
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLPRI))
			ready |= LOOP_READ;
		if (events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			ready |= LOOP_WRITE;
		if (events[i].events & EPOLLRDHUP)
			ready |= LOOP_ENDED;
		if (events[i].events & EPOLLERR)
			ready |= LOOP_BROKEN;
		watch->fn(watch->arg, fd, ready);
	}
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	(void)user;
	(void)in;
	(void)length;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		dispatch(lws_context_user(lws_get_context(wsi)));
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "loop", .callback = on_lws },
	{ 0 },
};

static void lws_says(int level, const char *line)
{
	char text[256];
	size_t length = strcspn(line, "\n");

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, line, length);
	text[length] = '\0';
	log_event(level == LLL_ERR ? LOG_WARN : LOG_DEBUG, "libwebsockets", "text", text, NULL);
}

static bool make_lws(struct loop *loop, struct err *err)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.fd_limit_per_thread = LWS_FD_LIMIT,
		.max_http_header_data = RESPONSE_HEADERS_MAX,
		.user = loop,
	};
	struct lws_context_creation_info vhost_info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.vhost_name = "loop",
	};
	lws_sock_file_fd_type fd = { .filefd = loop->epoll_fd };
	struct lws_vhost *vhost;

	lws_set_log_level(LLL_ERR | LLL_WARN, lws_says);
	/* It would read its proxy from the environment behind the configuration's back. */
	(void)unsetenv("http_proxy");
	loop->lws = lws_create_context(&info);
	if (loop->lws == NULL)
		return err_set(err, ERR_LOCAL, "libwebsockets cannot start");
	vhost = lws_create_vhost(loop->lws, &vhost_info);
	if (vhost == NULL ||
	    lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, fd, "loop", NULL) == NULL)
		return err_set(err, ERR_LOCAL, "libwebsockets cannot adopt a descriptor");
	return true;
}

struct loop *loop_new(struct err *err)
{
	struct loop *loop = mem_alloc(sizeof(*loop));

	(void)sigemptyset(&loop->signals);
	loop->signal_fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		(void)err_set(err, ERR_LOCAL, "epoll_create1: %s", strerror(errno));
		free(loop);
		return NULL;
	}
	if (!make_lws(loop, err)) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->lws != NULL)
		lws_context_destroy(loop->lws); /* closes the adopted epoll_fd too */
	else
		(void)close(loop->epoll_fd);
	if (loop->signal_fd >= 0)
		(void)close(loop->signal_fd);
	free(loop->watches);
	free(loop->deferred);
	free(loop->hooks);
	free(loop);
}

/* Runs what waits now; what those calls defer is left for the next round. */
static bool run_deferred(struct loop *loop)
{
	size_t end = loop->deferred_count;

	if (loop->deferred_next == end)
		return false;
	while (loop->deferred_next < end) {
		struct call call = loop->deferred[loop->deferred_next++];

		if (call.fn != NULL)
			call.fn(call.arg);
	}
	if (loop->deferred_next == loop->deferred_count)
		loop->deferred_next = loop->deferred_count = 0;
	return true;
}

static void note_pass(struct loop *loop, int64_t cpu_us)
{
	if (cpu_us > loop->longest_pass_us)
		loop->longest_pass_us = cpu_us;
}

void loop_run(struct loop *loop)
{
	while (!loop->stopping) {
		int64_t began_us = clock_thread_us();

		for (int round = 0; round < DEFER_ROUNDS && run_deferred(loop); round++)
			if (clock_thread_us() - began_us > DEFER_US)
				break;
		for (size_t i = 0; i < loop->hook_count; i++)
			loop->hooks[i].fn(loop->hooks[i].arg);
		if (loop->stopping)
			break;
		if (loop->deferred_next < loop->deferred_count)
			lws_cancel_service(loop->lws);
		if (lws_service(loop->lws, 0) < 0)
			break;
		loop->passes++;
		note_pass(loop, clock_thread_us() - began_us);
	}
	loop->stopping = false;
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
	lws_cancel_service(loop->lws);
}

void loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	if (loop->deferred_count == loop->deferred_capacity) {
		loop->deferred_capacity = loop->deferred_capacity == 0 ? 64 : loop->deferred_capacity * 2;
		loop->deferred = mem_resize(loop->deferred, loop->deferred_capacity * sizeof(*loop->deferred));
	}
	loop->deferred[loop->deferred_count++] = (struct call){ fn, arg };
}

void loop_defer_cancel(struct loop *loop, void *arg)
{
	for (size_t i = loop->deferred_next; i < loop->deferred_count; i++)
		if (loop->deferred[i].arg == arg)
			loop->deferred[i].fn = NULL;
}

static void on_sul(lws_sorted_usec_list_t *sul)
{
	struct loop_timer *timer = (struct loop_timer *)(void *)((char *)sul - offsetof(struct loop_timer, sul));
	struct loop *loop = timer->loop; /* fn may free the timer */

	timer->set = false;
	timer->fn(timer->arg);
	/* lws_service goes on to its poll after timers: deferred calls and hooks must run before. */
	lws_cancel_service(loop->lws);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct loop_timer *timer = mem_alloc(sizeof(*timer));

	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t ms)
{
	timer->set = true;
	lws_sul_schedule(timer->loop->lws, 0, &timer->sul, on_sul, (ms < 1 ? 1 : ms) * LWS_US_PER_MS);
}

void loop_timer_stop(struct loop_timer *timer)
{
	timer->set = false;
	lws_sul_cancel(&timer->sul);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->set;
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	lws_sul_cancel(&timer->sul);
	free(timer);
}

static struct watch *watch_slot(struct loop *loop, int fd)
{
	size_t index = (size_t)fd;

	if (index >= loop->watch_count) {
		size_t count = index + 64;

		loop->watches = mem_resize(loop->watches, count * sizeof(*loop->watches));
		memset(loop->watches + loop->watch_count, 0,
		       (count - loop->watch_count) * sizeof(*loop->watches));
		loop->watch_count = count;
	}
	return &loop->watches[index];
}

bool loop_watch(struct loop *loop, int fd, unsigned events,
                void (*fn)(void *arg, int fd, unsigned ready), void *arg)
{
	struct watch *watch = watch_slot(loop, fd);
	struct epoll_event event = { .data.u64 = (uint64_t)watch->birth << 32 | (uint32_t)fd };
	bool was_watched = watch->fn != NULL;

	if (events == 0) {
		watch->fn = NULL;
		return !was_watched || epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL) == 0;
	}
	if (events & LOOP_READ)
		event.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		event.events |= EPOLLOUT;
	if (events & LOOP_EDGE)
		event.events |= EPOLLET | EPOLLRDHUP;
	watch->fn = fn;
	watch->arg = arg;
	if (was_watched && epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0)
		return true;
	/* Also when the descriptor was closed unforgotten and its number came again. */
	watch->birth = ++loop->births;
	event.data.u64 = (uint64_t)watch->birth << 32 | (uint32_t)fd;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return true;
	watch->fn = NULL;
	return false;
}

void loop_on_pass(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	loop->hooks = mem_resize(loop->hooks, (loop->hook_count + 1) * sizeof(*loop->hooks));
	loop->hooks[loop->hook_count++] = (struct call){ fn, arg };
}

static void on_signal_fd(void *arg, int fd, unsigned ready)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	(void)ready;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		struct call call = loop->signal_calls[info.ssi_signo];

		if (call.fn != NULL)
			call.fn(call.arg);
	}
}

void loop_on_signal(struct loop *loop, int signal_number, void (*fn)(void *arg), void *arg)
{
	loop->signal_calls[signal_number] = (struct call){ fn, arg };
	(void)sigaddset(&loop->signals, signal_number);
	(void)pthread_sigmask(SIG_BLOCK, &loop->signals, NULL);
	loop->signal_fd = signalfd(loop->signal_fd, &loop->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	(void)loop_watch(loop, loop->signal_fd, LOOP_READ, on_signal_fd, loop);
}

static void list_init(struct job_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void list_add(struct job_list *list, struct job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
}

static struct job *list_take_all(struct job_list *list)
{
	struct job *first = list->first;

	list_init(list);
	return first;
}

static struct job *list_take(struct job_list *list)
{
	struct job *job = list->first;

	list->first = job->next;
	if (list->first == NULL)
		list->last = &list->first;
	return job;
}

static void *work(void *arg)
{
	struct loop_worker *worker = arg;
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&worker->lock);
	for (;;) {
		struct job *job;

		while (worker->todo.first == NULL && !worker->ending)
			(void)pthread_cond_wait(&worker->wake, &worker->lock);
		if (worker->todo.first == NULL)
			break;
		job = list_take(&worker->todo);
		(void)pthread_mutex_unlock(&worker->lock);
		job->run(job->arg);
		(void)pthread_mutex_lock(&worker->lock);
		list_add(&worker->finished, job);
		if (write(worker->event_fd, &one, sizeof(one)) < 0)
			abort(); /* an eventfd of ours cannot refuse a one */
	}
	(void)pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static void complete_finished(struct loop_worker *worker)
{
	struct job *job;

	(void)pthread_mutex_lock(&worker->lock);
	job = list_take_all(&worker->finished);
	(void)pthread_mutex_unlock(&worker->lock);
	while (job != NULL) {
		struct job *next = job->next;

		job->done(job->arg);
		free(job);
		job = next;
	}
}

static void on_worker_event(void *arg, int fd, unsigned ready)
{
	uint64_t count;

	(void)ready;
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
		complete_finished(arg);
}

struct loop_worker *loop_worker_new(struct loop *loop, const char *thread_name)
{
	struct loop_worker *worker = mem_alloc(sizeof(*worker));
	sigset_t all, before;

	worker->loop = loop;
	list_init(&worker->todo);
	list_init(&worker->finished);
	(void)pthread_mutex_init(&worker->lock, NULL);
	(void)pthread_cond_init(&worker->wake, NULL);
	worker->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (worker->event_fd < 0 ||
	    !loop_watch(loop, worker->event_fd, LOOP_READ, on_worker_event, worker))
		mem_none_left();
	/* Signals are for the loop alone. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&worker->thread, NULL, work, worker) != 0)
		mem_none_left();
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_setname_np(worker->thread, thread_name);
	return worker;
}

void loop_worker_submit(struct loop_worker *worker, void (*run)(void *arg),
                        void (*done)(void *arg), void *arg)
{
	struct job *job = mem_alloc(sizeof(*job));

	job->run = run;
	job->done = done;
	job->arg = arg;
	(void)pthread_mutex_lock(&worker->lock);
	list_add(&worker->todo, job);
	(void)pthread_cond_signal(&worker->wake);
	(void)pthread_mutex_unlock(&worker->lock);
}

void loop_worker_free(struct loop_worker *worker)
{
	if (worker == NULL)
		return;
	(void)pthread_mutex_lock(&worker->lock);
	worker->ending = true;
	(void)pthread_cond_signal(&worker->wake);
	(void)pthread_mutex_unlock(&worker->lock);
	(void)pthread_join(worker->thread, NULL);
	complete_finished(worker);
	(void)loop_watch(worker->loop, worker->event_fd, 0, NULL, NULL);
	(void)close(worker->event_fd);
	(void)pthread_mutex_destroy(&worker->lock);
	(void)pthread_cond_destroy(&worker->wake);
	free(worker);
}

struct lws_context *loop_lws(struct loop *loop)
{
	return loop->lws;
}

int64_t loop_passes(const struct loop *loop)
{
	return loop->passes;
}

int64_t loop_longest_pass_us(struct loop *loop)
{
	int64_t longest_us = loop->longest_pass_us;

	loop->longest_pass_us = 0;
	return longest_us;
}
