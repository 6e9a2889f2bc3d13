"""Which module holds which function: names only, so that a module is loaded when it is called for.

A bundle calls a handful of functions; loading all of them costs five megabytes and a tenth of a
second. A test compares this list with what the modules declare, in order.
"""

from __future__ import annotations

from typing import Final

_BY_MODULE: Final = {
    "conditional": ("default ternary boolTernary eqTernary boolDefault coalesce empty notEmpty"),
    "types": (
        "toInt toFloat toBool toString toJson toList typeOf typeMap typeList typeString "
        "typeNumber typeBool typeNull isEmpty Empty isScalar isComposite asList asMap "
        "asString"
    ),
    "strings": (
        "toLower toUpper trimSpace trim trimPrefix trimSuffix hasPrefix hasSuffix contains "
        "replace split join repeat concat camelToKebab truncate"
    ),
    "math": "add sub mul div mod min max clamp abs",
    "data": "toBase64 fromBase64 toJSON sha256sum slugify truncateName lookup repoSlug",
    "random_values": "randomAlphanumeric randomHex randomBase64 uuidv4",
    "versions": (
        "semverMajor semverMinor semverPatch semverValid semverCompare semverBump semverConstraint"
    ),
    "schedules": (
        "cronMinute cronHour cronDom cronMonth cronDow cronField cronExpr cronValid "
        "cronFromMap cronFromAny cronToMap cronNormalize cronDescribe cronNextAfter nextCron"
    ),
    "times": (
        "timeAgo timeSince timeUntil isExpired timeFormat durationSeconds durationAdd "
        "durationValid timeInWindow timeNotInWindow weekday weekend"
    ),
    "network": "cidrContains ipValid ipIsPrivate domainHost domainBare",
    "validation": (
        "regexMatch isDNS1123Subdomain isValidLabelKey isValidLabelValue isValidAnnotationKey "
        "isValidEmail isValidURL isValidPort isValidJSON isValidImageRef isValidGitRepository"
    ),
    "quantities": (
        "parseQuantity quantityCanonical formatQuantity sumQuantity subtractQuantity minusQuantity"
    ),
    "collections": (
        "listHas listGet listLen mapGet mapKeys mapValues mapPick mapOmit getOr getStringOr "
        "getIntOr getBoolOr"
    ),
    "kubernetes": (
        "get meta spec status labels annotations getLabel getLabelInt hasLabel labelMatches "
        "getAnnotation getAnnotationInt hasAnnotation getStatus hasStatus phase hasCondition "
        "conditionReason conditionMessage ownerKind ownerName resourceExists isTerminating "
        "generation observedGeneration isSynced name namespace resourceName resourceNamespace "
        "resourceUID resourceVersion creationTimestamp resourceCPU resourceMemory"
    ),
    "workloads": (
        "allReplicasReady desiredReplicas readyReplicas availableReplicas updatedReplicas "
        "rolloutComplete replicasReady containerImage containerEnv containerPort "
        "containerPortByName containerPorts containerCount statefulSetCurrentRevision "
        "statefulSetUpdateRevision statefulSetPVCCount replicaSetOwnerName "
        "replicaSetOwnerKind deploymentReplicaSetCount deploymentReplicaSets "
        "oldDeploymentReplicaSets"
    ),
    "pods": (
        "podCount readyPodCount podNames podIPs podPhases podNodes podMaxRestarts "
        "podByOrdinal podContainerState podContainerReasons hasCrashingPod "
        "podCrashLoopDetected podImagePullBackOffDetected podErrImagePullDetected "
        "podErrorDetected podOOMKilledDetected podInvalidImageNameDetected "
        "podCreateContainerErrorDetected podRunContainerErrorDetected "
        "podPostStartHookErrorDetected podPreStartHookErrorDetected hasWarnings warningCount "
        "firstWarning warningMessages warningReasons"
    ),
    "jobs": (
        "jobSucceeded jobFailed jobActive jobFirstExitCode jobActivePodNames "
        "jobFailedPodNames jobSucceededPodNames cronJobActiveCount cronJobLastScheduleTime "
        "cronJobLastSuccessTime cronJobNextScheduleTime cronJobLastJobName "
        "cronJobLastJobSucceeded cronJobLastSuccessfulJobName"
    ),
    "services": (
        "serviceClusterIP serviceNodePort serviceLoadBalancerIP serviceLoadBalancerHost "
        "endpointsReady hasEndpoints serviceEndpoints serviceEndpointCount "
        "serviceFirstEndpoint backingPodCount backingPodNames ingressHost ingressIP "
        "ingressReady ingressClassName ingressRules ingressTLSHosts ingressLoadBalancerIPs "
        "ingressTLSSecretCount"
    ),
    "autoscalers": (
        "hpaCurrentReplicas hpaDesiredReplicas hpaMinReplicas hpaMaxReplicas hpaAtMax "
        "hpaScaling hpaScalingActive hpaScalingLimited hpaAbleToScale hpaMetricTypes "
        "hpaScaleTargetKind hpaScaleTargetName"
    ),
    "storage": (
        "pvcBound pvcPhase pvcCapacity pvcStorageClass pvcAccessModes pvcProvisioner "
        "pvcVolumeMode pvcStorageClassProvisioner pvcStorageClassReclaimPolicy nodeReady "
        "nodeCondition nodeTaints nodeAllocatableCPU nodeAllocatableMemory podNodeName "
        "podNodeZone podNodeRegion podNodeInstanceType"
    ),
    "prometheus": (
        "promValue promSum promMax promSeriesCount promLabelValues promAboveThreshold "
        "promBelowThreshold getServeTarget getServeAlias getServeSource hasServeTarget "
        "hasServeAlias hasServeSource isDirectApply"
    ),
    "environment": "inCluster",
    "familiar_strings": (
        "quote squote cat indent nindent lower upper title untitle swapcase nospace trimAll "
        "trunc substr abbrev initials plural snakecase kebabcase camelcase wrap splitList "
        "fail required"
    ),
    "familiar_patterns": (
        "mustRegexMatch regexFind regexFindAll regexReplaceAll regexReplaceAllLiteral "
        "regexSplit regexQuoteMeta base dir ext clean isAbs"
    ),
    "familiar_lists": (
        "list tuple first last rest initial append prepend reverse uniq without has compact "
        "sortAlpha toStrings chunk all any"
    ),
    "familiar_maps": (
        "dict set unset hasKey pluck dig keys values pick omit merge mergeOverwrite deepCopy "
        "deepEqual"
    ),
    "familiar_numbers": (
        "int int64 atoi float64 toDecimal add1 ceil floor round until untilStep seq"
    ),
    "familiar_encodings": (
        "toPrettyJson toRawJson mustToJson fromJson mustFromJson fromJsonArray toYaml "
        "fromYaml fromYamlArray b64enc b64dec b32enc b32dec sha1sum sha512sum adler32sum "
        "kindOf kindIs"
    ),
    "familiar_dates": (
        "now date dateInZone htmlDate dateModify toDate unixEpoch ago duration durationRound "
        "randAlphaNum randAlpha randNumeric randAscii randInt shuffle"
    ),
}

MODULE_OF: Final[dict[str, str]] = {
    name: module for module, names in _BY_MODULE.items() for name in names.split()
}
"""The module of each function, in the order of the reference."""
