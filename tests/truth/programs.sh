# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Real programs, each as its users run it. start_NAME starts one in the background, brings it to what it does all
# the time, and sets target to its process. Inputs are copied into memory first, as time jumps when the guest waits
# for the host.
#
# nothing	a file from which nothing is ever read
# inputs	the folder that tests/truth/inputs makes
# target	is set
# shellcheck disable=SC2154,SC2034

memory=/dev/shm

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

# redis: 100 MB in 80,000 keys, read and written by a client that prefers few of them: the fifth power of an even
# number. The keys that are hot are everywhere in memory, as they are multiplied by a prime modulo their number.
start_redis()
{
	local client=(redis-benchmark -q -l -c 4 -P 8 -r 80000)
	local pick="local k='key:'..math.floor((tonumber(ARGV[1])/80000)^5*80000)*7919%80000"

	[ -x /usr/bin/redis-server ] || ln -s redis-check-rdb /usr/bin/redis-server
	redis-server --save '' --dir /tmp --enable-debug-command yes >/tmp/redis.log &
	target=$!
	until redis-cli ping >/dev/null 2>&1; do
		pause 0.2
	done
	redis-cli debug populate 80000 key 1024 >/dev/null
	"${client[@]}" eval "$pick return redis.call('get', k)" 0 __rand_int__ >/dev/null 2>&1 &
	"${client[@]}" -c 1 -P 1 eval "$pick return redis.call('setrange', k, 0, 'x')" 0 __rand_int__ >/dev/null 2>&1 &
	busy 3
}

# stream FILE: a file of the inputs again and again, as through a pipe
stream()
{
	while :; do
		cat "$memory/$1"
	done
}

# zstd: compresses a tar file that is larger than its window, as it comes through a pipe
start_zstd()
{
	cp "$inputs/source.tar" $memory
	zstd -9 --long=26 -T1 -c < <(stream source.tar) >/dev/null &
	target=$!
	busy 5
}

# xz: the same, with a dictionary of 64 MiB
start_xz()
{
	cp "$inputs/source.tar" $memory
	xz -9 -T1 -c < <(stream source.tar) >/dev/null &
	target=$!
	busy 15
}

# look_up: statements for sqlite, without end
look_up()
{
	echo "PRAGMA cache_size = -131072; SELECT sum(length(value)) FROM pairs;"
	while :; do
		echo "WITH RECURSIVE picked(i, k) AS (SELECT 1, 1 UNION ALL
			SELECT i + 1, 250000 - (abs(random()) % 500) * (abs(random()) % 500) *
			(abs(random()) % 500) / 500 FROM picked LIMIT 5000)
			SELECT sum(length(value)) FROM picked JOIN pairs ON key = k;"
	done
}

# sqlite: looks up rows of a table of 60 MB by their key, the last ones more often
start_sqlite()
{
	cp "$inputs/table.db" $memory
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
	coproc tests/truth/client.py 80000
	read -r -t 300 -u "${COPROC[0]}" && busy 2
}

# gcc: compiles the scheduler of Linux
start_gcc()
{
	cp "$inputs/scheduler.i" $memory
	"$(gcc -print-prog-name=cc1)" -fpreprocessed -quiet -O3 $memory/scheduler.i -o /dev/null &
	target=$!
	busy 1
}

# git: finds deltas between all objects of a repository
start_git()
{
	cp -r "$inputs/repository" $memory
	cd $memory/repository || return
	git pack-objects --all --no-reuse-delta --window=250 --threads=1 -q packed </dev/null >/dev/null &
	target=$!
	cd "$OLDPWD" || return
	busy 5
}

# stockfish: analyses the first move of a chess game, with a hash table of 256 MiB
start_stockfish()
{
	/usr/games/stockfish < <(printf '%s\n' 'setoption name Hash value 256' 'go infinite'; exec sleep infinity) >/dev/null &
	target=$!
	busy 5
}

# numpy: Fourier transforms of four million numbers, there and back
start_numpy()
{
	OPENBLAS_NUM_THREADS=1 /usr/bin/python3 -c 'if True:
		import numpy
		signal = numpy.random.rand(1 << 22)
		while True:
			signal = numpy.fft.irfft(numpy.fft.rfft(signal))' &
	target=$!
	busy 5
}

# postgres: accounts of a bank, in a database of 80 MB that is in memory, changed by two clients. One process of the
# server is watched: that of a client.
start_postgres()
{
	local server=$memory/postgres/usr/lib/postgresql/15/bin as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

	cp -r "$inputs/postgres" $memory
	chown -R nobody:nogroup $memory/postgres
	"${as[@]}" "$server/postgres" -D $memory/postgres/data -k /tmp -c listen_addresses= >/tmp/postgres.log 2>&1 &
	until "${as[@]}" "$server/pgbench" -i -I v -h /tmp -U postgres postgres >/dev/null 2>&1; do
		pause 0.5
	done
	"${as[@]}" "$server/pgbench" -c 2 -T 100000 -h /tmp -U postgres postgres >/dev/null 2>&1 &
	until target=$(pgrep -o -f '^postgres: postgres postgres'); do
		pause 0.2
	done
	busy 2
}

# film: the pictures of a film again and again, behind its head
film()
{
	head -n 1 $memory/flight.y4m
	while :; do
		tail -n +2 $memory/flight.y4m
	done
}

# x264: encodes what a camera sees that moves over a landscape
start_x264()
{
	cp "$inputs/flight.y4m" $memory
	x264 --quiet --threads 1 --demuxer y4m -o /dev/null - < <(film) 2>/dev/null &
	target=$!
	busy 5
}

# povray: renders a landscape with trees
start_povray()
{
	local scenes=/usr/share/doc/povray/examples/advanced

	povray +W1920 +H1080 -D -V +WT1 -F +L$scenes $scenes/landscape.pov >/dev/null 2>&1 &
	target=$!
	busy 15
}

# bwa: finds where short reads of a genome of 24 million bases come from, with an index made before
start_bwa()
{
	cp "$inputs"/genome.fa* "$inputs/short.fq" $memory
	bwa mem -t 1 $memory/genome.fa $memory/short.fq >/dev/null 2>&1 &
	target=$!
	busy 5
}

# minimap2: the same with long reads; it makes its index first
start_minimap2()
{
	cp "$inputs/genome.fa" "$inputs/long.fq" $memory
	minimap2 -t 1 -a $memory/genome.fa $memory/long.fq >/dev/null 2>&1 &
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
