namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// Numbers of the NBD protocol under their names there (NetworkBlockDevice/nbd, doc/proto.md, "Values"). All fields are
/// big-endian.
/// </summary>
internal static class NbdProtocol
{
    public const ulong NBDMAGIC = 0x4e42444d41474943;
    public const ulong IHAVEOPT = 0x49484156454F5054;
    public const ulong NBD_REP_MAGIC = 0x3e889045565a9;
    public const uint NBD_REQUEST_MAGIC = 0x25609513;
    public const uint NBD_SIMPLE_REPLY_MAGIC = 0x67446698;
    public const uint NBD_STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    public const ushort NBD_FLAG_FIXED_NEWSTYLE = 1 << 0;
    public const ushort NBD_FLAG_NO_ZEROES = 1 << 1;

    public const ushort NBD_FLAG_HAS_FLAGS = 1 << 0;
    public const ushort NBD_FLAG_READ_ONLY = 1 << 1;
    public const ushort NBD_FLAG_SEND_FLUSH = 1 << 2;
    public const ushort NBD_FLAG_SEND_FUA = 1 << 3;
    public const ushort NBD_FLAG_SEND_TRIM = 1 << 5;
    public const ushort NBD_FLAG_SEND_WRITE_ZEROES = 1 << 6;
    public const ushort NBD_FLAG_SEND_DF = 1 << 7;
    public const ushort NBD_FLAG_CAN_MULTI_CONN = 1 << 8;
    public const ushort NBD_FLAG_SEND_CACHE = 1 << 10;

    public const ushort NBD_REPLY_FLAG_DONE = 1 << 0;

    public const uint NBD_STATE_HOLE = 1 << 0;
    public const uint NBD_STATE_ZERO = 1 << 1;

    /// <summary>A name or any other string: longer ones aren't valid.</summary>
    public const int MaxString = 4096;

    /// <summary>What a client may send in one write, and ask for in one read, if nothing else was agreed.</summary>
    public const int DefaultMaxPayload = 32 << 20;

    /// <summary>Bytes of a request without its payload.</summary>
    public const int RequestSize = 28;

    public const int SimpleReplySize = 16;

    public const int ChunkSize = 20;

    /// <summary>The default port that IANA gave NBD.</summary>
    public const int DefaultPort = 10809;

    public const string BaseAllocation = "base:allocation";
}

/// <summary>What a client asks for before the transmission phase.</summary>
internal enum NbdOption : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
}

/// <summary>How a server answers an option; the highest bit means an error.</summary>
internal enum NbdOptionReply : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    ErrUnsup = Error | 1,
    ErrPolicy = Error | 2,
    ErrInvalid = Error | 3,
    ErrPlatform = Error | 4,
    ErrTlsReqd = Error | 5,
    ErrUnknown = Error | 6,
    ErrShutdown = Error | 7,
    ErrBlockSizeReqd = Error | 8,
    ErrTooBig = Error | 9,

    /// <summary>The bit of all errors.</summary>
    Error = 1U << 31,
}

/// <summary>What an information reply is about.</summary>
internal enum NbdInfo : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}

internal enum NbdCommand : ushort
{
    Read = 0,
    Write = 1,
    Disconnect = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}

[Flags]
internal enum NbdCommandFlags : ushort
{
    None = 0,
    Fua = 1 << 0,
    NoHole = 1 << 1,
    DontFragment = 1 << 2,
    ReqOne = 1 << 3,
    FastZero = 1 << 4,
}

/// <summary>What a chunk of a structured reply holds; the highest bit means an error.</summary>
internal enum NbdChunk : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    Error = ErrorBit | 1,
    ErrorOffset = ErrorBit | 2,

    /// <summary>The bit of all errors.</summary>
    ErrorBit = 1 << 15,
}

/// <summary>Errors of requests, by the numbers of Linux.</summary>
internal enum NbdError : uint
{
    None = 0,
    NotPermitted = 1,
    Io = 5,
    NoMemory = 12,
    Invalid = 22,
    NoSpace = 28,
    Overflow = 75,
    NotSupported = 95,
    Shutdown = 108,
}
