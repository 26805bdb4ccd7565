using System.Globalization;
using System.Text.Json;
using McpServerless.Budgets.Runaway;

namespace McpServerless.Budgets;

/// <summary>A page as compact UTF-8 JSON, which is how it is kept. The names are short because it is written often.</summary>
public static class BudgetPageJson
{
    private const int Format = 1;

    public static ReadOnlyMemory<byte> Write(BudgetPage page)
    {
        using var bytes = new PooledBytes();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("f"u8, Format);
            writer.WriteNumber("v"u8, page.Version);
            writer.WriteStartArray("o"u8);
            foreach (var operation in page.Operations)
            {
                writer.WriteNumberValue(operation.Id);
                writer.WriteNumberValue(operation.WrittenAt);
            }

            writer.WriteEndArray();
            WriteAll(writer, "r", page.Rates, WriteRate);
            WriteAll(writer, "w", page.Windows, (w, c) =>
            {
                foreach (var number in (ReadOnlySpan<long>)[c.Start, c.End, c.Used]) w.WriteNumberValue(number);
            });
            WriteAll(writer, "p", page.Permits, (w, c) => WriteLeases(w, c.Leased));
            WriteAll(writer, "x", page.Extras, WriteExtras);
            WriteAll(writer, "z", page.PausesByTool, (w, p) =>
            {
                w.WriteStringValue(p.Until.ToString("O", CultureInfo.InvariantCulture));
                w.WriteNumberValue(p.Level);
                w.WriteStringValue(p.Reason);
            });
            writer.WriteEndObject();
        }

        return bytes.Memory.ToArray();
    }

    /// <exception cref="FormatException">It is not a page, or one of a later format.</exception>
    public static BudgetPage Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("f").GetInt32() != Format) throw new FormatException("The page has a format of its own.");
            var page = new BudgetPage { Version = root.GetProperty("v").GetInt64() };
            page.Operations.AddRange(root.GetProperty("o").EnumerateArray().Chunk(2).Select(o => new PageOperation(o[0].GetUInt64(), o[1].GetInt64())));
            foreach (var (name, c) in All(root, "r"))
            {
                page.Rates[name] = new RateCounter
                {
                    Amount = c[0].GetInt64(),
                    Period = c[1].GetInt64(),
                    Burst = c[2].GetInt64(),
                    Level = c[3].GetInt64(),
                    FilledTo = c[4].GetInt64(),
                    Room = c[5].GetInt64(),
                    Leased = ReadLeases(c.EnumerateArray().Skip(6)),
                };
                if (page.Rates[name] is { Amount: < 1 } or { Period: < 1 }) throw new FormatException("A rate is not positive.");
            }

            foreach (var (name, c) in All(root, "w")) page.Windows[name] = new WindowCounter { Start = c[0].GetInt64(), End = c[1].GetInt64(), Used = c[2].GetInt64() };
            foreach (var (name, c) in All(root, "p")) page.Permits[name] = new PermitCounter { Leased = ReadLeases(c.EnumerateArray()) };
            foreach (var (name, c) in All(root, "x")) page.Extras[name] = [.. c.EnumerateArray().Select(ReadExtra)];
            foreach (var (name, c) in All(root, "z")) page.PausesByTool[name] = new RunawayPause(c[0].GetDateTimeOffset(), c[1].GetInt32(), c[2].GetString() ?? "");
            return page;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new FormatException("The page cannot be read.", e);
        }
    }

    private static void WriteAll<T>(Utf8JsonWriter writer, string name, SortedDictionary<string, T> counters, Action<Utf8JsonWriter, T> write)
    {
        if (counters.Count == 0) return;
        writer.WriteStartObject(name);
        foreach (var (counter, state) in counters)
        {
            writer.WriteStartArray(counter);
            write(writer, state);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter writer, RateCounter rate)
    {
        foreach (var number in (ReadOnlySpan<long>)[rate.Amount, rate.Period, rate.Burst, rate.Level, rate.FilledTo, rate.Room]) writer.WriteNumberValue(number);
        WriteLeases(writer, rate.Leased);
    }

    private static void WriteLeases(Utf8JsonWriter writer, Leases leases)
    {
        foreach (var (end, units) in leases.Slots)
        {
            writer.WriteNumberValue(end);
            writer.WriteNumberValue(units);
        }
    }

    private static void WriteExtras(Utf8JsonWriter writer, List<ExtraGrant> extras)
    {
        foreach (var extra in extras)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(extra.Amount);
            writer.WriteStringValue(extra.Until.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteStringValue(extra.Reason);
            writer.WriteStringValue(extra.By);
            writer.WriteEndArray();
        }
    }

    private static IEnumerable<(string Name, JsonElement Counter)> All(JsonElement root, string name) =>
        root.TryGetProperty(name, out var counters) ? counters.EnumerateObject().Select(c => (c.Name, c.Value)) : [];

    private static Leases ReadLeases(IEnumerable<JsonElement> numbers) => Leases.Of(numbers.Chunk(2).Select(pair => (pair[0].GetInt64(), pair[1].GetInt64())));

    private static ExtraGrant ReadExtra(JsonElement extra) =>
        new(extra[0].GetInt64(), extra[1].GetDateTimeOffset(), extra[2].GetString() ?? "", extra[3].GetString() ?? "");
}
