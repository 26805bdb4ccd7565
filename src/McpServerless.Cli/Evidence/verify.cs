#:property PublishAot=false
#:property ImplicitUsings=enable
#:property Nullable=enable
#:property TreatWarningsAsErrors=false

// Verifies an evidence archive that was unpacked into a folder. It needs the .NET 10 SDK and nothing else:
//   dotnet run verify.cs                        the folder in which you are
//   dotnet run verify.cs -- FOLDER              another one
//   dotnet run verify.cs -- --public-key A.pem  with the key that was handed to you, instead of those beside the checkpoints
// Ends with 0 when nothing is wrong, 1 with alarms, 2 when something could not be read.
// It reads every file of the manifest, every record, every chain, what instances and checkpoints state of them, every tombstone, and every signature.

using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const string Gateway = "gateway";
var folder = ".";
var keyFiles = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--public-key" && i + 1 < args.Length) keyFiles.Add(args[++i]);
    else if (args[i].StartsWith('-')) return Fail($"unknown option {args[i]}");
    else folder = args[i];
}

try
{
    return Verify();
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException or ArgumentException)
{
    return Fail(e.Message);
}

int Fail(string message)
{
    Console.Error.WriteLine($"verify: {message}");
    return 2;
}

int Verify()
{
    using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
    var (first, last) = (Day(manifest.RootElement.GetProperty("from").GetString()!), Day(manifest.RootElement.GetProperty("to").GetString()!));
    var only = manifest.RootElement.TryGetProperty("client", out var named) ? named.GetString() : null;
    var days = Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(i => Name(first.AddDays(i))).ToList();
    var report = new Report();
    var ledger = new Folder(folder);
    var keys = ReadKeys();

    CheckFiles(manifest.RootElement, report);
    var stated = new Stated();
    var met = VerifyCheckpoints(days[0], keys, stated, report);
    var gateway = new GatewayFacts();
    foreach (var day in ledger.Days) gateway.Read(ledger, day, stated, report);
    foreach (var (number, hash) in gateway.Checkpoints)
    {
        if (!met.TryGetValue(number, out var found))
        {
            if (met.Count == 0 || number > met.Keys.First()) report.Alarm("checkpoint_missing", null, $"checkpoint {number} is named in the ledger and missing");
        }
        else if (found != hash) report.Alarm("checkpoint_chain", null, $"checkpoint {number} is not the one that is named in the ledger");
    }

    // Tombstones are lawful by records of the day on which they were made, so that day's own chains are verified as well.
    foreach (var day in ledger.Days.Where(d => days.Contains(d) || gateway.PurgeDays.Contains(d))) new Partition(day, Gateway, stated, gateway, report).Verify(ledger);
    foreach (var day in days)
    {
        var clients = new SortedSet<string>(ledger.Clients(day), StringComparer.Ordinal);
        clients.UnionWith(stated.Partitions.Where(p => p.Day == day).Select(p => p.Client));
        clients.Remove(Gateway);
        if (only is not null) clients.IntersectWith([only]);
        foreach (var client in clients) new Partition(day, client, stated, gateway, report).Verify(ledger);
    }

    stated.ReportMissing(days, only, report);
    foreach (var problem in report.Alarms.Take(100)) Console.Error.WriteLine($"ALARM {problem.Rule} {problem.Place}: {problem.Message}");
    if (report.Alarms.Count > 100) Console.Error.WriteLine($"and {report.Alarms.Count - 100} more");
    Console.WriteLine($"{days[0]} to {days[^1]}: {report.Records} records in {report.Chains} chains, {report.Compared} stated ends, {met.Count} checkpoints, {report.Purged} purged by policy, {report.Alarms.Count} alarm(s)");
    if (only is not null) Console.WriteLine($"Only records of client {only} and of the gateway itself are in this archive; nothing is said of others.");
    if (met.Count == 0) Console.WriteLine("There are no checkpoints: whoever can write to every chain could have made them anew.");
    foreach (var id in keys.Keys) Console.WriteLine($"Key {id}{(keyFiles.Count == 0 ? ", from the archive itself; compare it with the one that was handed to you" : "")}");
    if (report.First is { } worst) Console.WriteLine($"First: {worst.Rule} {worst.Place}: {worst.Message}");
    return report.Alarms.Count == 0 ? 0 : 1;
}

Dictionary<string, ECDsa> ReadKeys()
{
    var place = Path.Combine(folder, "keys");
    var files = keyFiles.Count > 0 ? keyFiles : Directory.Exists(place) ? Directory.GetFiles(place, "*.pem").Order(StringComparer.Ordinal).ToList() : [];
    var keys = new Dictionary<string, ECDsa>();
    foreach (var file in files)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(file));
        keys[Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))] = key;
    }

    return keys;
}

void CheckFiles(JsonElement manifest, Report report)
{
    var known = new HashSet<string>(StringComparer.Ordinal) { "manifest.json" };
    foreach (var file in manifest.GetProperty("files").EnumerateObject())
    {
        known.Add(file.Name);
        var path = Path.Combine(folder, file.Name);
        if (!File.Exists(path))
        {
            report.Alarm("file_missing", null, $"{file.Name} is in the manifest and not there");
            continue;
        }

        using var stream = File.OpenRead(path);
        if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Value.GetString()) report.Alarm("file_changed", null, $"{file.Name} is not what the manifest says");
    }

    foreach (var part in new[] { "ledger", "checkpoints" }.Where(p => Directory.Exists(Path.Combine(folder, p))))
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, part), "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (!known.Contains(name)) report.Alarm("file_unknown", null, $"{name} is not in the manifest");
        }
    }
}

SortedDictionary<long, string> VerifyCheckpoints(string fromDay, Dictionary<string, ECDsa> keys, Stated stated, Report report)
{
    var place = Path.Combine(folder, "checkpoints");
    var met = new SortedDictionary<long, string>();
    if (!Directory.Exists(place)) return met;
    var numbers = Directory.GetFiles(place, "*.json").Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).DefaultIfEmpty(0).Max();
    var expected = "";
    for (var number = numbers; number > 0; number--)
    {
        void Alarm(string rule, string message) => report.Alarm(rule, null, $"checkpoint {number}: {message}");
        var file = Path.Combine(place, number.ToString("D12", CultureInfo.InvariantCulture) + ".json");
        if (!File.Exists(file))
        {
            Alarm("checkpoint_missing", "it is missing, and later ones are there");
            expected = "";
            continue;
        }

        var bytes = File.ReadAllBytes(file);
        met[number] = Json.Hash(bytes);
        if (expected.Length > 0 && met[number] != expected) Alarm("checkpoint_chain", "the next one was made over another");
        DateTimeOffset time;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            var payload = root.GetProperty("payload");
            // One spelling only, so that no byte is without meaning.
            if (!Json.Canonical(root).AsSpan().SequenceEqual(bytes) || root.EnumerateObject().Count() != 4 || payload.EnumerateObject().Count() != 4 || root.GetProperty("algorithm").GetString() != "ES256") throw new FormatException("spelling");
            var keyId = root.GetProperty("keyId").GetString()!;
            var signature = Base64Url.DecodeFromChars(root.GetProperty("signature").GetString());
            if (payload.GetProperty("number").GetInt64() != number) Alarm("checkpoint_chain", $"it says that it is number {payload.GetProperty("number").GetInt64()}");
            if (!keys.TryGetValue(keyId, out var key)) Alarm("checkpoint_key", $"it names the key {keyId}, which is not one of those given");
            else if (signature.Length != 64 || !key.VerifyData(Json.Canonical(payload), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)) Alarm("checkpoint_signature", "its signature is not valid");
            expected = payload.GetProperty("previousHash").GetString() ?? "";
            if (number == 1 && expected.Length > 0) Alarm("checkpoint_chain", "it is the first, and names one before it");
            time = DateTimeOffset.Parse(payload.GetProperty("time").GetString()!, CultureInfo.InvariantCulture);
            if (string.CompareOrdinal(time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture), fromDay) < 0) break;
            foreach (var head in Head.ReadAll(payload, "heads")) stated.Add(head, $"checkpoint {number}", report);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Alarm("checkpoint_unreadable", "it cannot be read");
            expected = "";
        }
    }

    return met;
}

static DateOnly Day(string name) => DateOnly.ParseExact(name, "yyyyMMdd", CultureInfo.InvariantCulture);

static string Name(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

/// <summary>The ledger as files. Lines are read one by one, so that a day of any size is verified in little memory.</summary>
internal sealed class Folder(string root)
{
    private readonly string _ledger = Path.Combine(root, "ledger");

    public IReadOnlyList<string> Days => Directory.Exists(_ledger) ? [.. Directory.GetDirectories(_ledger).Select(d => Path.GetFileName(d)!).Where(d => d.Length == 8 && d.All(char.IsAsciiDigit)).Order(StringComparer.Ordinal)] : [];

    public IEnumerable<string> Clients(string day)
    {
        var place = Path.Combine(_ledger, day);
        if (!Directory.Exists(place)) yield break;
        foreach (var file in Directory.GetFiles(place, "*.jsonl"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (Base64Url.IsValid(name)) yield return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(name));
        }
    }

    public IEnumerable<byte[]> Lines(string day, string client)
    {
        var file = Path.Combine(_ledger, day, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(client)) + ".jsonl");
        if (!File.Exists(file)) yield break;
        using var stream = new BufferedStream(File.OpenRead(file), 1 << 20);
        var line = new MemoryStream();
        for (var next = stream.ReadByte(); next >= 0; next = stream.ReadByte())
        {
            if (next != '\n')
            {
                line.WriteByte((byte)next);
                continue;
            }

            yield return line.ToArray();
            line.SetLength(0);
        }

        if (line.Length > 0) yield return line.ToArray();
    }
}

/// <summary>One line: a record, or a tombstone in the place of some.</summary>
internal sealed record Line(string Writer, long First, long Last, string Previous, string Hash, bool IsTombstone, JsonElement Root)
{
    public static Line? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.TryGetProperty("tombstone", out _))
            {
                return new Line(root.GetProperty("writer").GetString()!, root.GetProperty("firstSequence").GetInt64(), root.GetProperty("lastSequence").GetInt64(), root.GetProperty("hashBefore").GetString()!, root.GetProperty("hashAfter").GetString()!, true, root.Clone());
            }

            var sequence = root.GetProperty("sequence").GetInt64();
            if (sequence < 1 || root.GetProperty("time").GetString()!.Length < 10 || root.GetProperty("event").GetString()!.Length == 0 || root.GetProperty("writer").GetString()!.Length == 0) return null;
            return new Line(root.GetProperty("writer").GetString()!, sequence, sequence, root.TryGetProperty("previousHash", out var previous) ? previous.GetString() ?? "" : "", Json.Hash(json), false, root.Clone());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>How far a chain is said to have come; of a tombstone, where it begins and its own hash.</summary>
internal sealed record Head(string Day, string Client, string Writer, long Sequence, string Hash)
{
    public static IEnumerable<Head> ReadAll(JsonElement owner, string name)
    {
        if (owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out var items) || items.ValueKind != JsonValueKind.Array) yield break;
        foreach (var item in items.EnumerateArray())
        {
            yield return new Head(item.GetProperty("day").GetString()!, item.GetProperty("client").GetString()!, item.GetProperty("writer").GetString()!, item.GetProperty("sequence").GetInt64(), item.GetProperty("hash").GetString()!);
        }
    }
}

/// <summary>What instances and checkpoints state: at which place stands which hash.</summary>
internal sealed class Stated
{
    private readonly Dictionary<(string Day, string Client, string Writer), SortedDictionary<long, (string Hash, string By)>> _heads = [];

    public IEnumerable<(string Day, string Client)> Partitions => _heads.Keys.Select(k => (k.Day, k.Client)).Distinct();

    public void Add(Head head, string by, Report report)
    {
        var key = (head.Day, head.Client, head.Writer);
        if (!_heads.TryGetValue(key, out var heads)) _heads[key] = heads = [];
        if (!heads.TryAdd(head.Sequence, (head.Hash, by)) && heads[head.Sequence].Hash != head.Hash) report.Alarm("head_mismatch", new Place(head.Day, head.Client, head.Writer, head.Sequence), $"{by} and {heads[head.Sequence].By} state different records here");
    }

    public SortedDictionary<long, (string Hash, string By)> Take(string day, string client, string writer) => _heads.Remove((day, client, writer), out var heads) ? heads : [];

    public void ReportMissing(List<string> days, string? only, Report report)
    {
        foreach (var (key, heads) in _heads.Where(h => days.Contains(h.Key.Day) && (only is null || h.Key.Client == only || h.Key.Client == "gateway")))
        {
            report.Alarm("chain_missing", new Place(key.Day, key.Client, key.Writer, 1), $"{heads.Last().Value.By} states {heads.Last().Key} record(s), and there is none");
        }
    }
}

/// <summary>What the instances' own chains say: who wrote on which day, how far the other chains came, which checkpoints there are, what was purged.</summary>
internal sealed class GatewayFacts
{
    private readonly HashSet<(string Writer, string Day)> _began = [];

    public SortedDictionary<long, string> Checkpoints { get; } = [];

    /// <summary>The tombstones that a purge record names.</summary>
    public HashSet<Head> Purged { get; } = [];

    public HashSet<string> PurgeDays { get; } = [];

    public bool Began(string writer, string day) => _began.Contains((writer, day));

    public void Read(Folder ledger, string day, Stated stated, Report report)
    {
        var (writer, at) = ("", 0L);
        foreach (var json in ledger.Lines(day, "gateway"))
        {
            if (Line.Read(json) is not { } line) continue;
            (writer, at) = line.Writer == writer ? (writer, at + 1) : (line.Writer, 1);
            var place = new Place(day, "gateway", writer, at);
            try
            {
                var kind = line.Root.GetProperty("event").GetString();
                var details = line.Root.TryGetProperty("details", out var found) ? found : default;
                if (at == 1 && kind is not ("writerStarted" or "writerContinued")) report.Alarm("start_missing", place, "a writer's day does not begin with its start");
                _began.Add((writer, day));
                if (kind is "writerHeads" or "writerContinued" or "writerLost") foreach (var head in Head.ReadAll(details, "heads")) stated.Add(head, $"record {place}", report);
                if (kind == "checkpoint") Checkpoints[details.GetProperty("number").GetInt64()] = details.GetProperty("hash").GetString()!;
                foreach (var head in kind == "timer" && details.ValueKind == JsonValueKind.Object && details.TryGetProperty("what", out var what) && what.ToString() == "ledgerPurged" ? Head.ReadAll(details, "tombstones") : [])
                {
                    Purged.Add(head);
                    PurgeDays.Add(day);
                }
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
            {
                // The chain's own verification names it.
            }
        }
    }
}

/// <summary>One client and day, writer by writer, record by record.</summary>
internal sealed class Partition(string day, string client, Stated stated, GatewayFacts gateway, Report report)
{
    private readonly HashSet<string> _writers = [];
    private SortedDictionary<long, (string Hash, string By)> _heads = [];
    private string _writer = "";
    private string? _hash;
    private long _last;

    public void Verify(Folder ledger)
    {
        foreach (var json in ledger.Lines(day, client))
        {
            var line = Line.Read(json);
            if (line is not null && line.Writer != _writer) Begin(line.Writer);
            if (line is null) Unreadable(json);
            else Verify(line, json);
        }

        End();
        if (client == "gateway") return;
        foreach (var writer in _writers.Where(w => !gateway.Began(w, day)).Order(StringComparer.Ordinal)) Alarm("start_missing", writer, 1, "the writer has records here, and its own chain of this day is missing");
    }

    private void Begin(string writer)
    {
        End();
        (_writer, _last, _hash) = (writer, 0, null);
        _heads = stated.Take(day, client, writer);
        report.Chains++;
        if (!_writers.Add(writer)) Alarm("sequence_wrong", 1, "the writer's records are not in order");
    }

    private void End()
    {
        if (_heads.Count > 0 && _heads.Last() is var end && end.Key > _last) Alarm("tail_missing", _last + 1, $"{end.Value.By} states {end.Key} record(s), and the chain ends after {_last}");
    }

    private void Unreadable(byte[] json)
    {
        report.Records++;
        Alarm("record_unreadable", _last + 1, "it is not a record");
        (_hash, _last) = (Json.Hash(json), _last + 1);
        Compare();
    }

    private void Verify(Line line, byte[] json)
    {
        var due = _last + 1;
        if (line.First != due) Alarm("sequence_wrong", due, $"what stands here says it is number {line.First}");
        if (due == 1 ? line.Previous.Length > 0 : _hash is not null && line.Previous != _hash) Alarm("chain_broken", due, "it does not follow the record before it: one of the two was changed, or one between them is missing");
        if (line.IsTombstone)
        {
            var count = line.Last - line.First + 1;
            report.Purged += Math.Max(0, count);
            if (count < 1 || !line.Root.TryGetProperty("count", out var said) || said.ToString() != count.ToString(CultureInfo.InvariantCulture)) Alarm("tombstone_unlawful", due, "it does not stand for as many records as it says");
            if (client == "gateway") Alarm("tombstone_unlawful", due, "records of the gateway about itself are never purged");
            if (!gateway.Purged.Contains(new Head(day, client, line.Writer, line.First, Json.Hash(json)))) Alarm("tombstone_unlawful", due, "no purge record names it");
            (_hash, _last) = (line.Hash, Math.Max(due, line.Last));
        }
        else
        {
            report.Records++;
            if (!Belongs(line.Root)) Alarm("record_misplaced", due, "its time and client belong into another partition");
            (_hash, _last) = (line.Hash, due);
        }

        Compare();
    }

    private bool Belongs(JsonElement record)
    {
        try
        {
            var time = record.GetProperty("time").GetString()!;
            if (time[..4] + time[5..7] + time[8..10] != day) return false;
            if (record.GetProperty("event").GetString() is not ("intent" or "outcome")) return client == "gateway";
            return (record.TryGetProperty("clientId", out var id) ? id.GetString() : "anonymous") == client;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void Compare()
    {
        if (!_heads.TryGetValue(_last, out var head)) return;
        report.Compared++;
        if (head.Hash != _hash) Alarm("head_mismatch", _last, $"{head.By} states another record here");
    }

    private void Alarm(string rule, long sequence, string message) => Alarm(rule, _writer, sequence, message);

    private void Alarm(string rule, string writer, long sequence, string message) => report.Alarm(rule, new Place(day, client, writer, sequence), message);
}

internal sealed record Place(string Day, string Client, string Writer, long Sequence)
{
    public override string ToString() => $"{Day}/{Client}/{Writer}/{Sequence}";
}

internal sealed record Problem(string Rule, Place? Place, string Message);

internal sealed class Report
{
    public long Records { get; set; }

    public long Purged { get; set; }

    public int Chains { get; set; }

    public int Compared { get; set; }

    public List<Problem> Alarms { get; } = [];

    /// <summary>The one that stands first in the ledger.</summary>
    public Problem? First => Alarms.Where(a => a.Place is not null).OrderBy(a => a.Place!.Day, StringComparer.Ordinal).ThenBy(a => a.Place!.Client, StringComparer.Ordinal).ThenBy(a => a.Place!.Writer, StringComparer.Ordinal).ThenBy(a => a.Place!.Sequence).FirstOrDefault() ?? Alarms.FirstOrDefault();

    public void Alarm(string rule, Place? place, string message) => Alarms.Add(new Problem(rule, place, message));
}

/// <summary>Canonical JSON (RFC 8785) of what checkpoints hold: objects, lists, texts and whole numbers.</summary>
internal static class Json
{
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static byte[] Canonical(JsonElement value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder to, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.Append('{');
                foreach (var (member, i) in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal).Select((m, i) => (m, i)))
                {
                    if (i > 0) to.Append(',');
                    WriteText(to, member.Name);
                    to.Append(':');
                    Write(to, member.Value);
                }

                to.Append('}');
                break;
            case JsonValueKind.Array:
                to.Append('[');
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                {
                    if (i > 0) to.Append(',');
                    Write(to, item);
                }

                to.Append(']');
                break;
            case JsonValueKind.String:
                WriteText(to, value.GetString()!);
                break;
            default:
                to.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteText(StringBuilder to, string text)
    {
        to.Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') to.Append('\\').Append(c);
            else if (c == '\b') to.Append("\\b");
            else if (c == '\t') to.Append("\\t");
            else if (c == '\n') to.Append("\\n");
            else if (c == '\f') to.Append("\\f");
            else if (c == '\r') to.Append("\\r");
            else if (c < ' ') to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else to.Append(c);
        }

        to.Append('"');
    }
}
