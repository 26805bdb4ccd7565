namespace Microsoft.IdentityModel.Tokens;

public class SymmetricSecurityKey : SecurityKey
{
    private readonly byte[] _key;

    public SymmetricSecurityKey(byte[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0) throw new ArgumentException("IDX10703: the key has no bytes.", nameof(key));
        _key = (byte[])key.Clone();
    }

    public virtual byte[] Key => (byte[])_key.Clone();

    public override int KeySize => _key.Length * 8;

    public override bool CanComputeJwkThumbprint() => true;

    public override byte[] ComputeJwkThumbprint() => Thumbprint.OfOctets(_key);
}
