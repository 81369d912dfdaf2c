using System.Globalization;
using System.Reflection;
using System.Runtime.Versioning;

namespace Tidemark.Harness.Lint;

/// <summary>
/// The public surface of types as lines of text, a type each with its members: the form in which
/// <c>terrafx-surface.txt</c> has that of TerraFX.Interop.Windows. Constructors are left out.
/// </summary>
internal static class Surface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>A type that isn't nested: its own line, and those of its members, nested types' deeper.</summary>
    public static (string Head, List<string> Members) Of(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class" : "class";
        return ($"{kind} {type.Name}{Platform(type)}", [.. Members(type).Select(line => "  " + line)]);
    }

    /// <summary>The types of a text in this form, by name.</summary>
    public static Dictionary<string, (string Head, List<string> Members)> Parse(IEnumerable<string> lines)
    {
        var types = new Dictionary<string, (string Head, List<string> Members)>();
        List<string>? members = null;
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == ' ')
            {
                members!.Add(line);
            }
            else
            {
                members = [];
                types.Add(line.Split(" @")[0].Split(' ')[^1], (line, members));
            }
        }

        return types;
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            yield return $"underlying {type.GetEnumUnderlyingType().Name}";
        }

        foreach (var field in type.GetFields(Declared).Where(field => !field.IsSpecialName))
        {
            yield return (type.IsEnum ? $"{field.Name} = {Text(field.GetRawConstantValue())}"
                : field.IsLiteral ? $"const {Name(field.FieldType)} {field.Name} = {Text(field.GetRawConstantValue())}"
                : $"field {Name(field.FieldType)} {field.Name}") + Platform(field);
        }

        if (type.IsEnum)
        {
            yield break;
        }

        foreach (var property in type.GetProperties(Declared))
        {
            var isStatic = (property.GetMethod ?? property.SetMethod)!.IsStatic;
            yield return $"{(isStatic ? "static " : "")}property {Name(property.PropertyType)} {property.Name}{Platform(property)}";
        }

        foreach (var method in type.GetMethods(Declared).Where(IsListed))
        {
            var parameters = string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
            yield return $"{(method.IsStatic ? "static " : "")}method {Name(method.ReturnType)} {method.Name}({parameters}){Platform(method)}";
        }

        foreach (var nested in type.GetNestedTypes(BindingFlags.Public))
        {
            yield return $"nested {nested.Name}{Platform(nested)}";
            foreach (var line in Members(nested))
            {
                yield return "  " + line;
            }
        }
    }

    // Operators are methods here; what stands behind a property isn't.
    private static bool IsListed(MethodInfo method) => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Name(Type type) => type switch
    {
        { IsByRef: true } => "ref " + Name(type.GetElementType()!),
        { IsPointer: true } => Name(type.GetElementType()!) + "*",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>",
        { IsNested: true } => $"{Name(type.DeclaringType!)}.{type.Name}",
        _ => type.Name,
    };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Platform(MemberInfo member) =>
        string.Concat(member.GetCustomAttributes<SupportedOSPlatformAttribute>().Select(attribute => $" @{attribute.PlatformName}"));
}
