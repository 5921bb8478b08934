# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Real programs, each as its users run it. start_NAME starts one in the background, brings it to what it does all
# the time, and sets target to its process. Inputs are copied into memory first, as time jumps when the guest waits
# for the host.
#
# nothing	a file from which nothing is ever read
# inputs	the folder that tests/truth/inputs makes
# work		how much is to be done, in units of the program; if empty, as much as there is, for many without end
# target	is set
# job		is set to the processes that end when the work is done, if it is not the target that ends
# shellcheck disable=SC2154,SC2034

memory=/dev/shm
work=
job=()

# input NAME...: copy inputs into memory, where there should be no second copy: that of the page cache is dropped
input()
{
	cp -r "${@/#/$inputs/}" $memory
	find "${@/#/$inputs/}" -type f -size +1M -exec dd if={} iflag=nocache count=0 status=none ';'
}

# pause SECONDS
pause()
{
	read -r -t "$1" -u "$nothing" || :
}

# busy SECONDS: wait until the target has had the CPU for so long. Time alone tells nothing: it also passes while the
# guest waits for the host.
busy()
{
	local fields
	while read -r -a fields <"/proc/$target/stat"; do
		[ $((fields[13] + fields[14])) -lt $(($1 * 100)) ] || return 0
		pause 0.2
	done 2>/dev/null
	return 1
}

# warm_files: read the files that the target has mapped, as time jumps when the guest waits for the host
warm_files()
{
	local file
	while read -r _ _ _ _ _ file; do
		[ ! -f "$file" ] || echo "$file"
	done <"/proc/$target/maps" | sort -u | xargs -r cat >/dev/null
}

# redis: 100 MB in 80,000 keys, read and written by a client that prefers few of them: the fifth power of an even
# number. The keys that are hot are everywhere in memory, as they are multiplied by a prime modulo their number.
start_redis()
{
	local client=(redis-benchmark -q -c 4 -P 8 -r 80000) reads=(-l) writes=(-l)
	local pick="local k='key:'..math.floor((tonumber(ARGV[1])/80000)^5*80000)*7919%80000"

	[ -z "$work" ] || reads=(-n "$work") writes=(-n $((work / 32)))
	[ -x /usr/bin/redis-server ] || ln -s redis-check-rdb /usr/bin/redis-server
	redis-server --save '' --dir /tmp --enable-debug-command yes >/tmp/redis.log &
	target=$!
	until redis-cli ping >/dev/null 2>&1; do
		pause 0.2
	done
	redis-cli debug populate 80000 key 1024 >/dev/null
	"${client[@]}" "${reads[@]}" eval "$pick return redis.call('get', k)" 0 __rand_int__ >/dev/null 2>&1 &
	job=($!)
	"${client[@]}" -c 1 -P 1 "${writes[@]}" eval "$pick return redis.call('setrange', k, 0, 'x')" 0 __rand_int__ >/dev/null 2>&1 &
	job+=($!)
	busy 3
}

# stream FILE: a file of the inputs again and again, as through a pipe; or so many MiB of it
stream()
{
	if [ -n "$work" ]; then
		head -c "${work}M" "$memory/$1"
		return
	fi
	while cat "$memory/$1"; do
		:
	done
}

# zstd: compresses a tar file that is larger than its window, as it comes through a pipe
start_zstd()
{
	input source.tar
	zstd -9 --long=26 -T1 -c < <(stream source.tar) >/dev/null &
	target=$!
	busy 5
}

# xz: the same, with a dictionary of 64 MiB
start_xz()
{
	input source.tar
	xz -9 -T1 -c < <(stream source.tar) >/dev/null &
	target=$!
	busy 15
}

# look_up: statements for sqlite, each of which looks up 5,000 rows
look_up()
{
	local i
	echo "PRAGMA cache_size = -131072; SELECT sum(length(value)) FROM pairs;"
	for ((i = 0; i != ${work:--1}; i++)); do
		echo "WITH RECURSIVE picked(i, k) AS (SELECT 1, 1 UNION ALL
			SELECT i + 1, 250000 - (abs(random()) % 500) * (abs(random()) % 500) *
			(abs(random()) % 500) / 500 FROM picked LIMIT 5000)
			SELECT sum(length(value)) FROM picked JOIN pairs ON key = k;"
	done
}

# sqlite: looks up rows of a table of 60 MB by their key, the last ones more often
start_sqlite()
{
	input table.db
	sqlite3 $memory/table.db < <(look_up) >/dev/null &
	target=$!
	busy 5
}

# memcached: 100 MB of 80,000 values, read by a client that prefers few of them
start_memcached()
{
	build/truth/memcached/usr/bin/memcached -u root -m 200 -t 1 -l 127.0.0.1 &
	target=$!
	pause 1
	coproc tests/truth/client.py 80000 "${work:--1}"
	job=("$COPROC_PID")
	read -r -t 300 -u "${COPROC[0]}" && busy 2
}

# gcc: compiles the scheduler of Linux
start_gcc()
{
	input scheduler.i
	"$(gcc -print-prog-name=cc1)" -fpreprocessed -quiet -O3 $memory/scheduler.i -o /dev/null &
	target=$!
	busy 1
}

# git: finds deltas between all objects of a repository
start_git()
{
	input repository
	cd $memory/repository || return
	git pack-objects --all --no-reuse-delta --window=250 --threads=1 -q packed </dev/null >/dev/null &
	target=$!
	cd "$OLDPWD" || return
	busy 5
}

# stockfish: analyses the first move of a chess game, with a hash table of 256 MiB
start_stockfish()
{
	local go=infinite said=/dev/null
	if [ -n "$work" ]; then
		go="nodes $work"
		exec {said}> >(exec grep -q -m 1 ^bestmove)
		job=($!)
		said=/dev/fd/$said
	fi
	/usr/games/stockfish < <(printf '%s\n' 'setoption name Hash value 256' "go $go"; exec sleep infinity) >"$said" &
	target=$!
	busy 5
}

# numpy: Fourier transforms of four million numbers, there and back
start_numpy()
{
	OPENBLAS_NUM_THREADS=1 /usr/bin/python3 -c 'if True:
		import numpy, sys
		signal = numpy.random.rand(1 << 22)
		left = int(sys.argv[1])
		while left:
			signal = numpy.fft.irfft(numpy.fft.rfft(signal))
			left -= 1' "${work:--1}" &
	target=$!
	busy 5
}

# postgres: accounts of a bank, in a database of 80 MB that is in memory, changed by two clients. One process of the
# server is watched: that of a client.
start_postgres()
{
	local server=$memory/postgres/usr/lib/postgresql/15/bin as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

	input postgres
	chown -R nobody:nogroup $memory/postgres
	"${as[@]}" "$server/postgres" -D $memory/postgres/data -k /tmp -c listen_addresses= >/tmp/postgres.log 2>&1 &
	until "${as[@]}" "$server/pgbench" -i -I v -h /tmp -U postgres postgres >/dev/null 2>&1; do
		pause 0.5
	done
	"${as[@]}" "$server/pgbench" -c 2 -t "${work:-1000000}" -h /tmp -U postgres postgres >/dev/null 2>&1 &
	job=($!)
	until target=$(pgrep -o -f '^postgres: postgres postgres'); do
		pause 0.2
	done
	busy 2
}

# film: the pictures of a film again and again, behind its head
film()
{
	head -n 1 $memory/flight.y4m
	while tail -n +2 $memory/flight.y4m; do
		:
	done
}

# x264: encodes what a camera sees that moves over a landscape
start_x264()
{
	input flight.y4m
	x264 --quiet --threads 1 ${work:+--frames "$work"} --demuxer y4m -o /dev/null - < <(film) 2>/dev/null &
	target=$!
	busy 5
}

# povray: renders a landscape with trees
start_povray()
{
	local scenes=/usr/share/doc/povray/examples/advanced

	povray +W1920 +H1080 ${work:+"+ER$work"} -D -V +WT1 -F +L$scenes $scenes/landscape.pov >/dev/null 2>&1 &
	target=$!
	busy 15
}

# reads FILE: those of a file, or the first ones
reads()
{
	if [ -n "$work" ]; then
		exec head -n $((work * 4)) "$memory/$1"
	fi
	exec cat "$memory/$1"
}

# bwa: finds where short reads of a genome of 24 million bases come from, with an index made before
start_bwa()
{
	input genome.fa{,.amb,.ann,.bwt,.pac,.sa} short.fq
	bwa mem -t 1 $memory/genome.fa <(reads short.fq) >/dev/null 2>&1 &
	target=$!
	busy 5
}

# minimap2: the same with long reads; it makes its index first
start_minimap2()
{
	input genome.fa long.fq
	minimap2 -t 1 -a $memory/genome.fa <(reads long.fq) >/dev/null 2>&1 &
	target=$!
	busy 1
}

# sampled: a generator, whose accesses are known for each sample of the monitor
start_sampled()
{
	coproc SAMPLED { exec build/workloads/sampled >"$results/$name/truth"; }
	target=$SAMPLED_PID
	pause 1
	after_on() { echo "$(<"$kdamond/pid")" >&"${SAMPLED[1]}"; }
	after_off() { wait "$(<"$results/$name/target")"; }
}

# strides: a generator that always misses the TLB, unless its pages are huge
start_strides()
{
	build/workloads/strides >"$results/$name/truth" &
	target=$!
	busy 1
}
