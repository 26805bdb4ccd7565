#nullable enable
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;

namespace Azure.Data.Tables;

/// <summary>The public properties and fields of an own entity class, under the names they have in the table.</summary>
/// <remarks>
/// <see cref="DataMemberAttribute.Name"/> renames and <see cref="IgnoreDataMemberAttribute"/> hides. What <see cref="ITableEntity"/>
/// asks for counts even where the class implements it explicitly.
/// </remarks>
internal sealed class EntityMembers
{
    private static readonly ConcurrentDictionary<Type, EntityMembers> Known = new();

    private readonly Dictionary<string, Member> _writable = new(StringComparer.Ordinal);

    private EntityMembers(Type type)
    {
        var members = new List<Member>();
        foreach (var info in type.GetMembers(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!info.IsDefined(typeof(IgnoreDataMemberAttribute)) && Member.From(info) is { } member)
                members.Add(member);
        }

        foreach (var property in typeof(ITableEntity).GetProperties())
        {
            if (type.GetProperty(property.Name) is null)
                members.Add(Member.From(property)!); // Each of the four is a plain property.
        }

        // The ETag never goes out, and comes in under another name.
        Readable = [.. members.Where(member => member.CanRead && member.Name != nameof(ITableEntity.ETag))];
        foreach (var member in members.Where(member => member.CanWrite))
            _writable[member.Name == nameof(ITableEntity.ETag) ? TableEntity.ETagKey : member.Name] = member;
    }

    public Member[] Readable { get; }

    public static EntityMembers Of(Type type) => Known.GetOrAdd(type, static key => new EntityMembers(key));

    public Member? Writable(string name) => _writable.GetValueOrDefault(name);

    internal sealed class Member
    {
        private readonly PropertyInfo? _property;
        private readonly FieldInfo? _field;

        private Member(MemberInfo info, Type type)
        {
            _property = info as PropertyInfo;
            _field = info as FieldInfo;
            Name = info.GetCustomAttribute<DataMemberAttribute>()?.Name ?? info.Name;
            Type = Nullable.GetUnderlyingType(type) ?? type;
            CanRead = _field is not null || _property?.GetMethod?.IsPublic == true;
            CanWrite = _field is { IsInitOnly: false } || _property?.SetMethod?.IsPublic == true;
        }

        public string Name { get; }

        /// <summary>Without the <see cref="Nullable{T}"/>.</summary>
        public Type Type { get; }

        public bool CanRead { get; }
        public bool CanWrite { get; }

        public static Member? From(MemberInfo info) => info switch
        {
            PropertyInfo property when property.GetIndexParameters().Length == 0 => new Member(property, property.PropertyType),
            FieldInfo field => new Member(field, field.FieldType),
            _ => null,
        };

        /// <summary>An enum is stored by name.</summary>
        public object? Read(object entity)
        {
            var value = _property is null ? _field!.GetValue(entity) : _property.GetValue(entity); // A member is one of the two.
            return value is Enum ? value.ToString() : value;
        }

        /// <param name="value">Null sets the default of the member's type.</param>
        public void Write(object entity, object? value)
        {
            _property?.SetValue(entity, value);
            _field?.SetValue(entity, value);
        }
    }
}
