"""French."""

from archive.languages.language import DateWords, Language, words

FRENCH = Language(
    code="fr",
    stems="french",
    # The algorithm leaves these alone, or gives them the stem of another word.
    forms_of=(("ent", "e"), ("aux", "ail")),
    elided=frozenset(["c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t"]),
    counts=words(
        r"\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente"
        r"|quarante|cinquante|soixante|cents?|mille|millions?|milliards?|dizaines?|douzaines?|centaines?|milliers?"
        r"|moitié|tiers)\b"
    ),
    saying=words(
        r"\b(?:selon|d[’']après|affirm|déclar|assur|indiqu|annonc|précis|estim|soulign|confirm|expliqu|rapport|accus"
        r"|avou|reconna[iî]|démen|ajout|cit(?:é|ant)|sources?\b|dit\b|disent\b|dixit\b)\w*"
    ),
    hedges=words(
        r"\b(?:(?:au|se|pour|dev|fe|i|au?|sau|vien|tien)rai(?:en)?t|peut-être|probable(?:ment)?|environ|près de|presque"
        r"|sembl(?:e|ent|ait)|apparemment|présumée?s?|supposée?s?|prétendue?s?|soi-disant|éventuel(?:le)?(?:ment|s)?"
        r"|possible(?:ment)?|au moins|plus de|moins de|jusqu[’']à|quelques?|vraisemblable(?:ment)?)(?!\w)"
    ),
    abbreviations=frozenset([
        "m", "mm", "mme", "mmes", "mlle", "mlles", "mr", "mrs", "ms", "dr", "drs", "pr", "prof", "me", "mgr", "st",
        "ste", "gén", "gal", "col", "cdt", "lt", "sgt", "maj", "adj", "jr", "sr", "rep", "sen", "gov", "gen", "cf", "p",
        "pp", "n", "art", "vol", "chap", "fig", "éd", "env", "av", "bd", "tél", "réf", "vs", "approx",
    ]),
    short_months=frozenset(["janv", "févr", "avr", "juil", "sept", "oct", "nov", "déc"]),
    related=words(
        r"(?:[àa]\s+)?(?:lire|voir)\s+(?:aussi|[ée]galement|plus)(?:\s*:\s*|\s*$|\s+(?=[«\"A-ZÀ-Ý0-9]))"
        r"|[àa]\s+(?:lire|voir)\s*:\s*"
    ),
    related_line=words(r"(?:[àa] )?(?:lire|voir) (?:aussi|[ée]galement)\b.*"),
    dates=DateWords(
        months=(
            "janvier janv jan", "fevrier fevr fev", "mars mar", "avril avr", "mai", "juin jun",
            "juillet juill juil jul", "aout aou", "septembre sept sep", "octobre oct", "novembre nov", "decembre dec",
        ),
        full=(
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
            "décembre",
        ),
        weekdays="lundi lun mardi mar mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim",
        units={
            "s": "second", "sec": "second", "seconde": "second", "secondes": "second", "min": "minute", "mn": "minute",
            "minute": "minute", "minutes": "minute", "h": "hour", "heure": "hour", "heures": "hour", "j": "day",
            "jour": "day", "jours": "day", "semaine": "week", "semaines": "week",
        },
        back={"avant-hier": 2, "hier": 1, "aujourd'hui": 0},
        now=("a l'instant", "maintenant"),
        ago="il y a (?:environ )?{}",
        moment=r"[àa] l['’]instant",
        labels=("(?:derniere )?mise? a jour", "modifiee?", "publiee?", "publication", "date"),
        updates=(
            r"(?:derni[èe]re\s+)?mise?\s+[àa]\s+jour", r"derni[èe]re\s+(?:modification|actualisation)", r"modifiée?",
            r"actualisée?",
        ),
        published=(r"publiée?", r"parue?", r"mise? en ligne", "publication"),
        on=("le",),
        leaning=("il y a", "hier", "avant-hier", "aujourd.hui", "instant", "maintenant"),
    ),
    gone=(
        r"(?:page|article|contenu|document|vidéo|adresse|lien|ressource|publication)\s+"
        r"(?:(?:demandée?|recherchée?|que vous (?:cherchez|recherchez|demandez|avez demandée?))\s+)?"
        r"(?:est\s+|non\s+|a été\s+)?(?:introuvable|inexistante?|indisponible|supprimée?|retirée?|trouvée?\b)"
        r"|n['\u2019]est plus (?:disponible|accessible|en ligne)|n['\u2019]existe (?:plus|pas)"
        r"|n['\u2019]a pas (?:été|pu être) trouvée?|\berreur\s*404\b|^introuvable$"
    ),
    gone_with=(
        r"\b(?:oups|oops|désolée?s?|navrée?s?|pardon|attention|malheureusement|erreur|404|nous|sommes|l[ae]|les|l|d|de|du"
        r"|à|un|une|cette?|c|page|article|contenu|document|vidéo|adresse|lien|url|ressource|publication|rubrique|web|internet"
        r"|qu|que|vous|recherchez|cherchez|demandez|avez|essayez|tentez|souhaitez|voulez|demandée?|recherchée?|consulter|voir"
        r"|afficher|atteindre|joindre|lire|accéder|est|a|été|ne|n|pas|plus|ou|et|peut|être|il|elle|semble|n[\u2019']existe"
        r"|déplacée?|supprimée?|renommée?|retirée?|introuvable|inexistante?|indisponible|non|trouvée?|actuellement"
        r"|définitivement|sur|ce|cet|site|notre|serveur)\b"
    ),
    gone_itself=r"\b(?:cette?|ce|cet|vous|demandée?|recherchée?)\b",
    wall=(
        r"vérifi\w+ que vous (?:n'êtes pas un robot|êtes (?:un )?humain)|accès refusé"
        r"|votre navigateur est en cours de vérification"
    ),
    seized=r"ce (?:site|domaine) a été saisi",
    parked=r"ce (?:nom de )?domaine est (?:à vendre|expiré)",
)  # fmt: skip
