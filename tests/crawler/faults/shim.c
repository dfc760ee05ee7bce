/* Faults of a disk, a process and a clock, at an exact call: loaded into a process by LD_PRELOAD.

   FAULT_ROOT   absolute folder; only calls on what lies in it are counted and spoilt.
   FAULT_RULES  rules joined by ';', each  op:n:action:argument[:times]
                op      write sync open rename unlink mkdir truncate link, or a set of them: grow (what needs room on the
                        disk), cut (truncate and unlink), change (what a read-only disk refuses), any
                n       the rule bites at the n-th call of that op, counted from 1
                action  errno     the call fails with this number, and does nothing; times: so often, 0 for ever (1)
                        torn      only this share of a write is put down, then the process dies by SIGKILL
                        short     only this share of a write is put down, and the call says so
                        signal    this signal is sent to the process, before the call is made
                        powercut  what was written to a *.warc.gz.open since its last fsync is lost, and the process dies
                        clock     from here on the wall clock is off by so many seconds; n = 0: from the start
   FAULT_LOG    file outside of FAULT_ROOT: a line for each fault that bit, and at the end how often each op was called.

   Opening counts where it makes a file. fsync and the wall clock are those of libc, which Python and SQLite call alike. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum op { WRITE, SYNC, OPEN, RENAME, UNLINK, MKDIR, TRUNCATE, LINK, OPS };
static const char *const OP_NAMES[OPS] = {"write", "sync", "open", "rename", "unlink", "mkdir", "truncate", "link"};
enum action { ERRNO, TORN, SHORT, SIGNAL, POWERCUT, CLOCK, ACTIONS };
static const char *const ACTION_NAMES[ACTIONS] = {"errno", "torn", "short", "signal", "powercut", "clock"};

struct rule { unsigned mask; long n, seen, times, bitten; enum action action; double argument; };

static struct rule rules[8];
static int rule_count;
static long calls[OPS];
static char root[PATH_MAX], log_path[PATH_MAX];
static size_t root_length;
static double clock_shift;  /* seconds */
static int ready;
static char open_warc[PATH_MAX];  /* the *.warc.gz.open synced last, and its size then */
static off_t open_warc_synced;

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); real; })

static void say(const char *line) {
    if (!log_path[0]) return;
    int fd = REAL(open)(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return;
    ssize_t done = REAL(write)(fd, line, strlen(line));
    (void)done;
    close(fd);
}

static unsigned mask_of(const char *name) {
    if (!strcmp(name, "any")) return (1u << OPS) - 1;
    if (!strcmp(name, "change")) return ((1u << OPS) - 1) & ~(1u << SYNC);
    if (!strcmp(name, "cut")) return 1u << TRUNCATE | 1u << UNLINK;
    if (!strcmp(name, "grow")) return 1u << WRITE | 1u << OPEN | 1u << RENAME | 1u << MKDIR | 1u << LINK;
    for (int op = 0; op < OPS; op++)
        if (!strcmp(name, OP_NAMES[op])) return 1u << op;
    fprintf(stderr, "shim: unknown op %s\n", name);
    _exit(99);
}

static enum action action_of(const char *name) {
    for (int action = 0; action < ACTIONS; action++)
        if (!strcmp(name, ACTION_NAMES[action])) return action;
    fprintf(stderr, "shim: unknown action %s\n", name);
    _exit(99);
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("FAULT_ROOT"), *text = getenv("FAULT_RULES"), *log = getenv("FAULT_LOG");
    if (!folder || !text) return;
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    if (log) snprintf(log_path, sizeof log_path, "%s", log);
    char copy[1024], *rest, *one;
    snprintf(copy, sizeof copy, "%s", text);
    for (one = strtok_r(copy, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
        char op[16], action[16];
        struct rule rule = {.times = 1};
        if (rule_count == 8 || sscanf(one, "%15[^:]:%ld:%15[^:]:%lf:%ld", op, &rule.n, action, &rule.argument, &rule.times) < 4) {
            fprintf(stderr, "shim: cannot read rule %s\n", one);
            _exit(99);
        }
        rule.mask = mask_of(op);
        rule.action = action_of(action);
        if (rule.action == CLOCK && rule.n == 0) clock_shift = rule.argument, rule.bitten = 1;
        rules[rule_count++] = rule;
    }
    ready = 1;
}

__attribute__((destructor)) static void end(void) {
    char line[64];
    for (int op = 0; ready && op < OPS; op++) {
        snprintf(line, sizeof line, "called %s %ld\n", OP_NAMES[op], calls[op]);
        say(line);
    }
}

static int within(const char *path) {
    return ready && !strncmp(path, root, root_length) && (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int fd, char *path) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return length > 0;
}

static int path_at(int folder, const char *name, char *path) {
    if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD) {
        if (!getcwd(path, PATH_MAX)) return 0;
    } else if (!path_of(folder, path)) return 0;
    size_t length = strlen(path);
    return snprintf(path + length, PATH_MAX - length, "/%s", name) < (int)(PATH_MAX - length);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Count a call. Gives 0 where it goes on as it is; 1 where errno is set and it must fail; 2 where only `*length` bytes of a
   write go down; 3 the same, and then the process dies. */
static int bite(enum op op, const char *path, size_t *length) {
    int verdict = 0;
    __sync_add_and_fetch(&calls[op], 1);
    for (struct rule *rule = rules; rule < rules + rule_count; rule++) {
        if (!(rule->mask & 1u << op)) continue;
        long seen = __sync_add_and_fetch(&rule->seen, 1);
        if (!rule->n || seen < rule->n || (rule->times && rule->bitten >= rule->times)) continue;
        if ((rule->action == TORN || rule->action == SHORT) && (op != WRITE || !length || *length < 2)) continue;
        rule->bitten++;
        char line[PATH_MAX + 64];
        snprintf(line, sizeof line, "bit %s %ld %s %s\n", OP_NAMES[op], seen, ACTION_NAMES[rule->action], path);
        say(line);
        switch (rule->action) {
        case ERRNO: errno = (int)rule->argument; verdict = 1; break;
        case TORN: case SHORT:
            *length = 1 + (size_t)((*length - 2) * rule->argument);
            verdict = rule->action == TORN ? 3 : 2;
            break;
        case SIGNAL: kill(getpid(), (int)rule->argument); break;
        case POWERCUT:
            if (open_warc[0]) { int done = truncate(open_warc, open_warc_synced); (void)done; }
            die();
            break;
        case CLOCK: clock_shift = rule->argument; break;
        default: break;
        }
    }
    return verdict;
}

/* ------------------------------------------------------------------------------------------------------------ writing */

#define WRITER(given, real_call)                                                                                  \
    char path[PATH_MAX];                                                                                                \
    size_t length = given;                                                                                              \
    if (!ready || !path_of(fd, path) || !within(path)) return real_call;                                                \
    int verdict = bite(WRITE, path, &length);                                                                           \
    if (verdict == 1) return -1;                                                                                        \
    ssize_t done = real_call;                                                                                           \
    if (verdict == 3) die();                                                                                            \
    return done

ssize_t write(int fd, const void *data, size_t given) { WRITER(given, REAL(write)(fd, data, ready ? length : given)); }
ssize_t pwrite(int fd, const void *data, size_t given, off_t at) { WRITER(given, REAL(pwrite)(fd, data, ready ? length : given, at)); }
ssize_t pwrite64(int fd, const void *data, size_t given, off64_t at) { WRITER(given, REAL(pwrite64)(fd, data, ready ? length : given, at)); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char path[PATH_MAX];
    if (ready && path_of(fd, path) && within(path) && bite(WRITE, path, NULL) == 1) return -1;
    return REAL(writev)(fd, parts, count);
}

ssize_t sendfile(int fd, int from, off_t *at, size_t given) { WRITER(given, REAL(sendfile)(fd, from, at, ready ? length : given)); }
ssize_t sendfile64(int fd, int from, off64_t *at, size_t given) { WRITER(given, REAL(sendfile64)(fd, from, at, ready ? length : given)); }
ssize_t copy_file_range(int from, off64_t *at, int fd, off64_t *to, size_t given, unsigned flags) {
    WRITER(given, REAL(copy_file_range)(from, at, fd, to, ready ? length : given, flags));
}

static int synced(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    struct stat about;
    if (!ready || !path_of(fd, path) || !within(path)) return real(fd);
    if (bite(SYNC, path, NULL) == 1) return -1;
    int done = real(fd);
    if (!done && strstr(path, ".warc.gz.open") && !fstat(fd, &about)) {
        snprintf(open_warc, sizeof open_warc, "%s", path);
        open_warc_synced = about.st_size;
    }
    return done;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

static int cut(int fd) {
    char path[PATH_MAX];
    return ready && path_of(fd, path) && within(path) && bite(TRUNCATE, path, NULL) == 1;
}

int ftruncate(int fd, off_t size) { return cut(fd) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd) ? -1 : REAL(ftruncate64)(fd, size); }

/* -------------------------------------------------------------------------------------------------------------- names */

static int refused(enum op op, int folder, const char *name) {
    char path[PATH_MAX];
    return ready && path_at(folder, name, path) && within(path) && bite(op, path, NULL) == 1;
}

static int made(int folder, const char *name, int flags) {
    if (!(flags & O_CREAT) && (flags & O_TMPFILE) != O_TMPFILE) return 0;
    if ((flags & O_CREAT) && !faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW)) return 0;
    return refused(OPEN, folder, name);
}

#define MODE(flags)                                                                                                     \
    mode_t mode = 0;                                                                                                    \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                      \
        va_list more;                                                                                                   \
        va_start(more, flags);                                                                                          \
        mode = va_arg(more, mode_t);                                                                                    \
        va_end(more);                                                                                                   \
    }

int open(const char *name, int flags, ...) { MODE(flags) return made(AT_FDCWD, name, flags) ? -1 : REAL(open)(name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return made(AT_FDCWD, name, flags) ? -1 : REAL(open64)(name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags) return made(folder, name, flags) ? -1 : REAL(openat)(folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags) return made(folder, name, flags) ? -1 : REAL(openat64)(folder, name, flags, mode); }

int rename(const char *from, const char *to) { return refused(RENAME, AT_FDCWD, to) ? -1 : REAL(rename)(from, to); }
int renameat(int a, const char *from, int b, const char *to) { return refused(RENAME, b, to) ? -1 : REAL(renameat)(a, from, b, to); }
int unlink(const char *name) { return refused(UNLINK, AT_FDCWD, name) ? -1 : REAL(unlink)(name); }
int unlinkat(int folder, const char *name, int flags) { return refused(UNLINK, folder, name) ? -1 : REAL(unlinkat)(folder, name, flags); }
int mkdir(const char *name, mode_t mode) { return access(name, F_OK) && refused(MKDIR, AT_FDCWD, name) ? -1 : REAL(mkdir)(name, mode); }
int link(const char *from, const char *to) { return refused(LINK, AT_FDCWD, to) ? -1 : REAL(link)(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return refused(LINK, b, to) ? -1 : REAL(linkat)(a, from, b, to, flags); }

/* -------------------------------------------------------------------------------------------------------------- clock */

int clock_gettime(clockid_t which, struct timespec *now) {
    int done = REAL(clock_gettime)(which, now);
    if (!done && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += (time_t)clock_shift;
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int done = REAL(gettimeofday)(now, zone);
    if (!done) now->tv_sec += (time_t)clock_shift;
    return done;
}

time_t time(time_t *there) {
    time_t now = REAL(time)(NULL) + (time_t)clock_shift;
    if (there) *there = now;
    return now;
}
