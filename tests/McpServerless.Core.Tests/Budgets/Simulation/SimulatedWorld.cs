namespace McpServerless.Core.Tests.Budgets.Simulation;

/// <summary>Virtual time for any number of instances on one thread: what happens, and in which order, follows from the seed alone.</summary>
internal sealed class SimulatedWorld(int seed, DateTimeOffset start)
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly Queue<Action> _ready = new();
    private long _order;

    public Random Random { get; } = new(seed);

    /// <summary>Microseconds since 1970: the time that decides.</summary>
    public long Now { get; private set; } = start.ToUnixTimeMilliseconds() * 1000;

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void Soon(Action action) => _ready.Enqueue(action);

    public void RunUntil(long end)
    {
        var outside = SynchronizationContext.Current;
        try
        {
            while (true)
            {
                while (_ready.TryDequeue(out var action)) action();
                if (!_events.TryPeek(out _, out var next) || next.Time > end) break;
                Now = next.Time;
                _events.Dequeue()();
            }

            Now = end;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }
}

/// <summary>One instance: its own clock, and nothing of it runs once it has died.</summary>
internal sealed class SimulatedInstance(SimulatedWorld world, long clockOffset) : SynchronizationContext
{
    public bool Dead { get; set; }

    public TimeProvider Time { get; private set; } = TimeProvider.System;

    public SimulatedInstance Start()
    {
        Time = new Clock(world, this, clockOffset);
        return this;
    }

    public void Run(Action action)
    {
        if (Dead) return;
        SetSynchronizationContext(this);
        action();
    }

    public override void Post(SendOrPostCallback d, object? state) => world.Soon(() => Run(() => d(state)));

    public override SynchronizationContext CreateCopy() => this;

    private sealed class Clock(SimulatedWorld world, SimulatedInstance instance, long offset) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => world.Now;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((world.Now + offset) * 10);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(world, instance, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class Timer(SimulatedWorld world, SimulatedInstance instance, Action fire) : ITimer
    {
        private int _generation;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _generation++;
            if (dueTime != Timeout.InfiniteTimeSpan) Schedule(dueTime, period, _generation);
            return true;
        }

        public void Dispose() => _generation++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan due, TimeSpan period, int generation) => world.At(world.Now + (long)due.TotalMicroseconds, () =>
        {
            if (generation != _generation) return;
            if (period > TimeSpan.Zero) Schedule(period, period, generation);
            instance.Run(fire);
        });
    }
}
