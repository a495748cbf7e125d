/* The wall clock of one program is wrong, by as many seconds as a file says at each moment. The monotonic clock is not
   touched. Waits until a moment of the wall clock last as long as they should.

   Loaded with LD_PRELOAD; OPENMSI_TEST_CLOCK names the file: one double of the machine, mapped into memory. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile double *wrong_by;
static const long BILLION = 1000000000L;

__attribute__((constructor)) static void find_file(void)
{
    const char *name = getenv("OPENMSI_TEST_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *place = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (place != MAP_FAILED)
        wrong_by = place;
}

static struct timespec moved(struct timespec from, int sign)
{
    double seconds = wrong_by ? sign * *wrong_by : 0.0;
    double whole = floor(seconds);
    from.tv_sec += (time_t)whole;
    from.tv_nsec += (long)((seconds - whole) * 1e9);
    if (from.tv_nsec >= BILLION) {
        from.tv_nsec -= BILLION;
        from.tv_sec++;
    }
    return from;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, out);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        *out = moved(*out, 1);
    return failed;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int timespec_get(struct timespec *out, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, out) == 0 ? base : 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* A moment of the monotonic clock is a small number, and stays as it is. */
static struct timespec true_moment(const struct timespec *moment)
{
    return moment->tv_sec > BILLION ? moved(*moment, -1) : *moment;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec moment = true_moment(until);
    if (!real)
        real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return real(condition, mutex, &moment);
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    struct timespec moment = true_moment(until);
    if (!real)
        real = dlsym(RTLD_NEXT, "cnd_timedwait");
    return real(condition, mutex, &moment);
}
