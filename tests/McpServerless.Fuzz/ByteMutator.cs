namespace McpServerless.Fuzz;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteMutator
{
    public static byte[] Mutate(byte[] bytes, Random random, IReadOnlyList<byte[]> others)
    {
        var list = new List<byte>(bytes);
        var times = random.Next(1, 4);
        for (var i = 0; i < times && list.Count > 0; i++)
        {
            var at = random.Next(list.Count);
            switch (random.Next(6))
            {
                case 0:
                    list[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    list[at] = JsonMutator.Pick<byte>([0, 0x0a, 0x0d, 0x22, 0x5c, 0x7b, 0x7d, 0x80, 0xc0, 0xed, 0xff, 0xf4], random);
                    break;
                case 2:
                    var added = new byte[random.Next(1, 9)];
                    random.NextBytes(added);
                    list.InsertRange(at, added);
                    break;
                case 3:
                    list.RemoveRange(at, Math.Min(random.Next(1, 20), list.Count - at));
                    break;
                case 4:
                    list.RemoveRange(at, list.Count - at);
                    break;
                default:
                    var other = JsonMutator.Pick(others, random);
                    var from = random.Next(other.Length);
                    list.RemoveRange(at, list.Count - at);
                    list.AddRange(other[from..]);
                    break;
            }
        }

        return [.. list];
    }
}
