/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A yardstick: the benchmarks' work over plain 64-bit words, with nothing around it: no bounds checks, no layout. Prints JSON,
 * one median of nanoseconds an operation for each work.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SAMPLES = 15, CALLS = 1024, STARTS = 64 };

static const uint64_t PAGES = UINT64_C(1) << 24;
static const uint64_t RANGE_PAGES = UINT64_C(1) << 26;
static const uint64_t SAMPLE_NS = 40 * 1000 * 1000;

static volatile uint64_t sink;
static uint64_t *words, *other;
static uint64_t pages[CALLS], starts[STARTS], length;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t next_random(void)
{
	static uint64_t state = 1;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void set_range(uint64_t *w, uint64_t first_bit, uint64_t count)
{
	uint64_t last_bit = first_bit + count - 1;
	uint64_t first = first_bit >> 6, last = last_bit >> 6;
	uint64_t head = ~UINT64_C(0) << (first_bit & 63), tail = ~UINT64_C(0) >> (~last_bit & 63);

	if (first == last) {
		w[first] |= head & tail;
		return;
	}
	w[first] |= head;
	memset(w + first + 1, 0xff, (last - first - 1) * 8);
	w[last] |= tail;
}

static void set_pages(void)
{
	for (int i = 0; i < CALLS; i++)
		words[pages[i] >> 6] |= UINT64_C(1) << (pages[i] & 63);
}

static void set_ranges(void)
{
	for (int i = 0; i < STARTS; i++)
		set_range(words, starts[i], length);
}

/* Each edge between clear and dirty pages, word by word. */
static void visit(void)
{
	uint64_t total = 0, carry = 0, start = 0, n = PAGES / 64;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t edges = words[i] ^ (words[i] << 1 | carry);

		while (edges) {
			uint64_t bit = i << 6 | (uint64_t)__builtin_ctzll(edges);

			if (carry)
				total += start << 12 ^ (bit - start) << 12;
			else
				start = bit;
			carry ^= 1;
			edges &= edges - 1;
		}
	}
	if (carry)
		total += start << 12 ^ (PAGES - start) << 12;
	sink = total;
}

static void count(void)
{
	uint64_t total = 0;

	for (uint64_t i = 0; i < PAGES / 64; i++)
		total += (uint64_t)__builtin_popcountll(words[i]);
	sink = total;
}

static void merge(void)
{
	for (uint64_t i = 0; i < PAGES / 64; i++)
		words[i] |= other[i];
	sink = words[0];
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, void (*work)(void), double operations)
{
	static int printed;
	double samples[SAMPLES];
	uint64_t begin = now(), calls = 0;

	do {
		work();
		calls++;
	} while (now() - begin < SAMPLE_NS);
	for (int s = 0; s < SAMPLES; s++) {
		begin = now();
		for (uint64_t c = 0; c < calls; c++)
			work();
		samples[s] = (double)(now() - begin) / ((double)calls * operations);
	}
	qsort(samples, SAMPLES, sizeof(samples[0]), ascending);
	printf("%s  \"%s\": %.4f", printed++ ? ",\n" : "{\n", name, samples[SAMPLES / 2]);
}

static void measure_range(const char *name, uint64_t pages_of_range, int aligned)
{
	length = pages_of_range;
	for (int i = 0; i < STARTS; i++) {
		uint64_t start = next_random() % (RANGE_PAGES - length - 64) & ~UINT64_C(63);

		starts[i] = aligned ? start : start + 1 + next_random() % 63;
	}
	measure(name, set_ranges, STARTS);
}

static void clear(void)
{
	memset(words, 0, RANGE_PAGES / 8);
}

int main(void)
{
	words = aligned_alloc(4096, RANGE_PAGES / 8);
	other = aligned_alloc(4096, PAGES / 8);
	if (!words || !other)
		return 1;
	memset(other, 0x11, PAGES / 8);
	memset(words, 0xff, RANGE_PAGES / 8);
	for (int i = 0; i < CALLS; i++)
		pages[i] = next_random() % PAGES;
	measure("setPage", set_pages, CALLS);

	static const uint64_t lengths[] = { 2, 16, 512, 1 << 18, 1 << 24 };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "setRange %llu aligned", (unsigned long long)lengths[i]);
		measure_range(name, lengths[i], 1);
		snprintf(name, sizeof(name), "setRange %llu unaligned", (unsigned long long)lengths[i]);
		measure_range(name, lengths[i], 0);
	}
	measure("visit FULL", visit, 1);
	clear();
	measure("visit EMPTY", visit, 1);
	for (uint64_t i = 0; i < 256; i++)
		set_range(words, i * (PAGES / 256) + next_random() % (PAGES / 256), 1);
	measure("visit SPARSE", visit, 1);
	clear();
	for (uint64_t i = 0; i < PAGES / 100; i++)
		set_range(words, next_random() % PAGES, 1);
	measure("visit ONE_PERCENT", visit, 1);
	measure("count", count, 1);
	measure("merge", merge, 1);
	for (uint64_t i = 0; i < PAGES / 64; i++)
		words[i] = next_random();
	measure("visit HALF", visit, 1);
	clear();
	for (uint64_t i = 0; i < 2000; i++) {
		uint64_t slot = PAGES / 2000, run = 1 + next_random() % 4096;

		set_range(words, i * slot + next_random() % (slot - run), run);
	}
	measure("visit RUNS", visit, 1);
	printf("\n}\n");
	return 0;
}
