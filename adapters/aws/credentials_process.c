#include "adapters/aws/credentials_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "bot/clock.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define TIMEOUT_MS 20000
#define MAX_OUTPUT ((size_t)64 << 10)
#define MAX_WORDS 64
#define NOT_STARTED 127 /* the status of a shell, and of posix_spawn where it cannot tell at once */

extern char **environ;

struct aws_process {
	struct loop *loop;
	struct loop_worker *worker; /* NULL until the first use */
	int stop_fd;                /* readable: the program must end now */
	aws_credentials_fn *done;   /* NULL: nobody waits any more */
	void *arg;
	/* Of the worker while a job runs. */
	char **words;
	struct str output;
	struct err err; /* ERR_NONE: it ended well */
};

/* --- words --- */

static void free_words(char **words)
{
	for (char **word = words; word != NULL && *word != NULL; word++)
		free(*word);
	free(words);
}

/* One word from *at; NULL: a quote is not closed. */
static char *take_word(const char **at)
{
	struct str word;
	char quote = '\0';

	str_init(&word, 4096);
	for (; **at != '\0' && (quote != '\0' || (**at != ' ' && **at != '\t')); (*at)++) {
		if (**at == '\\' && quote != '\'' && (*at)[1] != '\0')
			str_add_char(&word, *++*at);
		else if (**at == quote)
			quote = '\0';
		else if (quote == '\0' && (**at == '"' || **at == '\''))
			quote = **at;
		else
			str_add_char(&word, **at);
	}
	if (quote == '\0' && !word.cut)
		return str_take(&word);
	str_free(&word);
	return NULL;
}

char **aws_process_split(const char *command_line)
{
	char **words = mem_alloc((MAX_WORDS + 1) * sizeof(*words));
	size_t count = 0;

	for (;;) {
		command_line += strspn(command_line, " \t");
		if (*command_line == '\0')
			break;
		words[count] = count < MAX_WORDS ? take_word(&command_line) : NULL;
		if (words[count++] == NULL) {
			free_words(words);
			return NULL;
		}
	}
	if (count > 0)
		return words;
	free(words);
	return NULL;
}

/* --- the worker --- */

static bool spawn(struct aws_process *p, int write_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int error;

	(void)sigemptyset(&none);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, write_fd, 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions, 3); /* sockets and files of ours */
	(void)posix_spawnattr_init(&attributes);
	/* Our signals are blocked for the loop's sake; the program's are not. A group of its own, so that
	 * what it starts ends with it. */
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &usual);
	(void)posix_spawnattr_setpgroup(&attributes, 0);
	(void)posix_spawnattr_setflags(&attributes,
	                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	error = posix_spawnp(pid, p->words[0], &actions, &attributes, p->words, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return error == 0 || err_set(&p->err, err_kind_of_errno(error, ERR_REFUSED),
	                             "credential_process: %.80s cannot be started: %s", p->words[0], strerror(error));
}

/* Reads until the program has closed its output; false: it has to be ended. */
static bool read_output(struct aws_process *p, int fd)
{
	int64_t end_ms = clock_mono_ms() + TIMEOUT_MS, left_ms;
	struct pollfd watched[] = { { .fd = fd, .events = POLLIN }, { .fd = p->stop_fd, .events = POLLIN } };
	char piece[4096];
	ssize_t got;

	while ((left_ms = end_ms - clock_mono_ms()) > 0) {
		if (poll(watched, 2, (int)left_ms) < 0 && errno != EINTR)
			break;
		if (watched[1].revents != 0)
			return err_set(&p->err, ERR_CANCELLED, "shutting down");
		if (watched[0].revents == 0)
			continue;
		got = read(fd, piece, sizeof(piece));
		if (got <= 0)
			return true;
		str_add_bytes(&p->output, piece, (size_t)got);
		if (p->output.cut)
			return err_set(&p->err, ERR_REFUSED, "credential_process: %.80s prints too much",
			               p->words[0]);
	}
	return err_set(&p->err, ERR_RETRY, "credential_process: %.80s does not end within %d s", p->words[0],
	               TIMEOUT_MS / 1000);
}

static void judge(struct aws_process *p, int status)
{
	if (p->err.kind != ERR_NONE)
		return;
	if (WIFSIGNALED(status))
		(void)err_set(&p->err, ERR_REFUSED, "credential_process: %.80s was ended by signal %d", p->words[0],
		              WTERMSIG(status));
	else if (WEXITSTATUS(status) == NOT_STARTED)
		(void)err_set(&p->err, ERR_REFUSED, "credential_process: %.80s, or what it calls, cannot be started",
		              p->words[0]);
	else if (WEXITSTATUS(status) != 0)
		(void)err_set(&p->err, ERR_REFUSED, "credential_process: %.80s ends with status %d; run it by hand",
		              p->words[0], WEXITSTATUS(status));
}

static void run(void *arg)
{
	struct aws_process *p = arg;
	int fds[2], status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0) {
		(void)err_set(&p->err, err_kind_of_errno(errno, ERR_LOCAL), "credential_process: no pipe: %s",
		              strerror(errno));
		return;
	}
	if (!spawn(p, fds[1], &pid)) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		return;
	}
	(void)close(fds[1]);
	if (!read_output(p, fds[0]))
		(void)kill(-pid, SIGKILL);
	(void)close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	judge(p, status);
}

/* --- the loop --- */

static void ran(void *arg)
{
	struct aws_process *p = arg;
	struct aws_credentials *credentials = NULL;
	aws_credentials_fn *done = p->done;

	if (p->err.kind == ERR_NONE && done != NULL)
		credentials = aws_credentials_read(p->output.text, p->output.length, "credential_process", &p->err);
	explicit_bzero(p->output.text, p->output.length);
	str_free(&p->output);
	free_words(p->words);
	p->words = NULL;
	p->done = NULL;
	if (done != NULL)
		done(p->arg, credentials, credentials != NULL ? NULL : &p->err);
	aws_credentials_drop(credentials);
}

static void never_started(void *arg)
{
	(void)arg;
}

struct aws_process *aws_process_new(struct loop *loop)
{
	struct aws_process *p = mem_alloc(sizeof(*p));

	p->loop = loop;
	p->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->stop_fd < 0)
		mem_none_left();
	return p;
}

void aws_process_free(struct aws_process *p)
{
	const uint64_t one = 1;

	if (p == NULL)
		return;
	p->done = NULL;
	if (write(p->stop_fd, &one, sizeof(one)) < 0)
		abort(); /* an eventfd of ours cannot refuse a one */
	loop_worker_free(p->worker);
	(void)close(p->stop_fd);
	free(p);
}

void aws_process_run(struct aws_process *p, const char *command_line, aws_credentials_fn *done, void *arg)
{
	p->done = done;
	p->arg = arg;
	p->err = (struct err){ 0 };
	p->words = aws_process_split(command_line);
	str_init(&p->output, MAX_OUTPUT);
	if (p->worker == NULL)
		p->worker = loop_worker_new(p->loop, "credentials");
	if (p->words == NULL)
		(void)err_set(&p->err, ERR_REFUSED,
		              "credential_process: a quote is not closed, or there is no program");
	loop_worker_submit(p->worker, p->words != NULL ? run : never_started, ran, p);
}
