namespace Azure.Data.Tables;

/// <summary>How an update or upsert treats the properties that the sent entity does not name.</summary>
public enum TableUpdateMode
{
    /// <summary>They stay as they are.</summary>
    Merge = 0,

    /// <summary>They go.</summary>
    Replace = 1,
}

public enum TableTransactionActionType
{
    Add = 0,
    UpdateMerge = 1,
    UpdateReplace = 2,
    Delete = 3,
    UpsertMerge = 4,
    UpsertReplace = 5,
}

/// <summary>One step of <see cref="TableClient.SubmitTransactionAsync"/>.</summary>
/// <remarks>
/// Without an ETag a delete is unconditional, and an update inserts a missing entity, exactly as the upsert of the same mode does.
/// Pass <see cref="Azure.ETag.All"/> for an update that must find the entity. Adds and upserts ignore the ETag.
/// </remarks>
public class TableTransactionAction
{
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity)
        : this(actionType, entity, default)
    {
    }

    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ActionType = actionType;
        Entity = entity;
        ETag = etag;
    }

    public TableTransactionActionType ActionType { get; }
    public ITableEntity Entity { get; }
    public ETag ETag { get; }
}
